package vision_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"bowerbird/vision"
)

const secretPlace = "GPS 52.5200,13.4050"

// profile is an ICC header that claims a size.
func profile(size int, space string) []byte {
	b := make([]byte, 200)
	binary.BigEndian.PutUint32(b, uint32(size))
	copy(b[16:], space)
	copy(b[36:], "acsp")
	return b
}

func segment(code byte, body string) []byte {
	out := binary.BigEndian.AppendUint16([]byte{0xff, code}, uint16(len(body)+2))
	return append(out, body...)
}

// withPlace is an EXIF block with an orientation, and a place behind it.
func withPlace(orientation uint16) []byte {
	return append(exif(binary.BigEndian, orientation), secretPlace...)
}

func TestStrip(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 24, 16))
	for i := range m.Pix {
		m.Pix[i] = byte(i * 7)
	}
	var j, p, g bytes.Buffer
	anim := &gif.GIF{LoopCount: 3}
	for i := range 2 {
		f := image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.Black, color.White})
		f.Pix[i] = 1
		anim.Image, anim.Delay = append(anim.Image, f), append(anim.Delay, 7)
	}
	for _, err := range []error{jpeg.Encode(&j, m, nil), png.Encode(&p, m), gif.EncodeAll(&g, anim)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	good := string(append([]byte("ICC_PROFILE\x00\x01\x01"), profile(200, "RGB ")...))
	bad := string(append([]byte("ICC_PROFILE\x00\x01\x01"), profile(9999, "RGB ")...))
	text := pngChunk("tEXt", []byte("Comment\x00"+secretPlace))
	ihdr := p.Bytes()[:33]
	trailer := []byte{0x3b}
	for _, x := range []struct {
		name string
		data []byte
		want []string // that it still holds
		gone []string
		turn int
	}{
		{"jpeg", withExif(j.Bytes(), withPlace(6)), nil, nil, 6},
		{"jpeg, xmp and comment", slices.Concat(j.Bytes()[:2], segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00"+secretPlace), segment(0xfe, secretPlace), segment(0xed, secretPlace), j.Bytes()[2:]), nil, nil, 1},
		{"jpeg, something behind", append(bytes.Clone(j.Bytes()), secretPlace...), nil, nil, 1},
		{"jpeg with a profile", slices.Concat(j.Bytes()[:2], segment(0xe2, good), segment(0xfe, secretPlace), j.Bytes()[2:]), []string{"acsp"}, nil, 1},
		{"jpeg with a profile that is none", slices.Concat(j.Bytes()[:2], segment(0xe2, bad), j.Bytes()[2:]), nil, []string{"acsp"}, 1},
		{"jpeg of four colours", withExif(cmykJPEG(10, 20, 30, 40), withPlace(3)), []string{"Adobe"}, nil, 3},
		{"png", slices.Concat(ihdr, text, pngChunk("eXIf", withPlace(8)), p.Bytes()[33:], []byte(secretPlace)), nil, []string{"tEXt"}, 8},
		{"gif", slices.Concat(g.Bytes()[:len(g.Bytes())-1], []byte{0x21, 0xfe, byte(len(secretPlace))}, []byte(secretPlace), []byte{0}, trailer, []byte(secretPlace)), []string{"NETSCAPE2.0"}, nil, 1},
		{"webp", riff(vp8x(8|4, 5, 4), riffChunk("VP8L", plainVP8L(5, 4, 200, 100, 50, 255)), riffChunk("EXIF", withPlace(6)), riffChunk("XMP ", []byte(secretPlace))), nil, []string{"XMP "}, 6},
		{"webp, animated", append(animatedWebP(4, 4, [3]byte{1, 2, 3}, [3]byte{4, 5, 6}), secretPlace...), []string{"ANMF"}, nil, 6},
	} {
		t.Run(x.name, func(t *testing.T) {
			out := vision.Strip(x.data)
			if bytes.Contains(out, []byte(secretPlace)) {
				t.Error("the place is still there")
			}
			for _, w := range x.want {
				if !bytes.Contains(out, []byte(w)) {
					t.Errorf("%q is gone", w)
				}
			}
			for _, w := range x.gone {
				if bytes.Contains(out, []byte(w)) {
					t.Errorf("%q is still there", w)
				}
			}
			a, err := vision.Decode(x.data, vision.Options{})
			if err != nil {
				t.Fatal(err)
			}
			b, err := vision.Decode(out, vision.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if a.Info != b.Info || b.Orientation != x.turn {
				t.Errorf("%+v became %+v, orientation %d wanted", a.Info, b.Info, x.turn)
			}
			one, err := a.Thumbnail(a.Width)
			if err != nil {
				t.Fatal(err)
			}
			two, err := b.Thumbnail(b.Width)
			if err != nil || !bytes.Equal(one.JPEG, two.JPEG) {
				t.Error("other pixels", err)
			}
			if again := vision.Strip(out); !bytes.Equal(again, out) {
				t.Error("stripping again changes it")
			}
		})
	}
	if clean := vision.Strip(j.Bytes()); &clean[0] != &j.Bytes()[0] {
		t.Error("a file without metadata was copied")
	}
}

func FuzzStrip(f *testing.F) {
	f.Add(withExif(cmykJPEG(1, 2, 3, 4), withPlace(6)))
	f.Add(animatedWebP(4, 4, [3]byte{1, 2, 3}))
	f.Add(pngOf(f, 3, 3, 8, 2, 9, 3))
	f.Fuzz(func(t *testing.T, data []byte) {
		out := vision.Strip(data)
		if a, err := vision.Decode(data, vision.Options{MaxPixels: 1 << 20}); err == nil {
			if info, err := vision.Inspect(out, vision.Options{}); err != nil || info != a.Info {
				return // such a file is refused when it comes
			}
			if _, err := vision.Decode(out, vision.Options{MaxPixels: 1 << 20}); err != nil {
				t.Fatal("stripped it cannot be read", err)
			}
		}
	})
}
