package signal_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/signal"
	"bowerbird/vision"
)

// memory keeps blobs as the store does, by their hash.
type memory map[string][]byte

func (m memory) Put(_ context.Context, data []byte) (string, error) {
	h := sha256.Sum256(data)
	name := hex.EncodeToString(h[:])
	m[name] = bytes.Clone(data)
	return name, nil
}

type full struct{}

var errFull = errors.New("no space left")

func (full) Put(context.Context, []byte) (string, error) { return "", errFull }

func drawn(c color.Color) []byte {
	m := image.NewRGBA(image.Rect(0, 0, 120, 80))
	for y := range 80 {
		for x := range 120 {
			m.Set(x, y, c)
		}
	}
	for i := range 60 {
		m.Set(i, i, color.White)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestPicture(t *testing.T) {
	blobs, data := memory{}, drawn(color.RGBA{10, 120, 30, 255})
	p, all, err := signal.Picture(t.Context(), blobs, data)
	if err != nil {
		t.Fatal(err)
	}
	s := all[0]
	if p.Width != 120 || p.Height != 80 || !bytes.Equal(blobs[p.Blob], data) || blobs[p.Small] == nil || blobs[p.Large] == nil || len(blobs) < 2 {
		t.Errorf("%+v, %d blobs", p, len(blobs))
	}
	if len(p.Colours) == 0 || p.Colours[0].Name != "green" || p.Colours[0].Share < .9 || !strings.HasPrefix(p.Colours[0].Hex, "#") {
		t.Errorf("colours %+v", p.Colours)
	}
	if !strings.HasPrefix(p.Placeholder, "data:image/") || s.Name != "visual" || s.Version != vision.DescriptorVersion || len(s.Vector) != vision.Dim || len(all) != 3 || all[1].Name != "parts" || all[2].Name != "print" || len(p.Looks) != len(bowerbird.LookFields) || p.Quality <= 0 {
		t.Errorf("%q %s %s %d", p.Placeholder, s.Name, s.Version, len(s.Vector))
	}
	// What it makes is what the log takes.
	for _, e := range []bowerbird.Event{{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: "x", Picture: p}}, {Kind: bowerbird.SignalPut, Item: "x", Signal: s}, {Kind: bowerbird.SignalPut, Item: "x", Signal: all[1]}, {Kind: bowerbird.SignalPut, Item: "x", Signal: all[2]}} {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
	}
	again, s2, err := signal.Picture(t.Context(), memory{}, data)
	if err != nil || again.Fingerprint != p.Fingerprint || fmt.Sprint(s2[0].Vector) != fmt.Sprint(s.Vector) {
		t.Error("the same picture gives another signal", err)
	}
}

func TestBadPicture(t *testing.T) {
	good := drawn(color.Black)
	for name, data := range map[string][]byte{"nothing": nil, "words": []byte("not a picture"), "half": good[:len(good)/2]} {
		var bad *bowerbird.Invalid
		blobs := memory{}
		if _, _, err := signal.Picture(t.Context(), blobs, data); !errors.As(err, &bad) || bad.Field != "picture" {
			t.Errorf("%s: %v", name, err)
		}
		if len(blobs) != 0 {
			t.Errorf("%s: %d blobs were kept", name, len(blobs))
		}
	}
	if _, _, err := signal.Picture(t.Context(), full{}, good); !errors.Is(err, errFull) {
		t.Error(err)
	}
}

func ExamplePicture() {
	p, s, err := signal.Picture(context.Background(), memory{}, drawn(color.RGBA{200, 20, 20, 255}))
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Width, p.Height, p.Colours[0].Name, s[0].Name)
	// Output: 120 80 red visual
}
