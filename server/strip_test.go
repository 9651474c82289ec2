package server

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
)

// TestOriginalsWithoutPlace: neither a new original nor one that was kept before pictures were
// stripped is served with what a camera wrote.
func TestOriginalsWithoutPlace(t *testing.T) {
	w := newWorld(t, Options{})
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		t.Fatal(err)
	}
	place := "Exif\x00\x00 52.5200,13.4050"
	data := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(place) + 2)}, place...)
	data = append(data, b.Bytes()[2:]...)
	old, err := w.e.Blobs().Put(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	var it Item
	w.ok("PUT", "/v1/items/i1/picture", data, &it, "Content-Type", "image/jpeg")
	for _, path := range []string{"/pictures/" + old, it.Picture.Original} {
		if got := w.ok("GET", path, nil, nil).body; bytes.Contains(got, []byte("52.52")) || len(got) != b.Len() {
			t.Errorf("%s: %d bytes, %d without the place", path, len(got), b.Len())
		}
	}
	if got := w.do("GET", "/pictures/"+old, nil, "Range", "bytes=0-9"); got.code != 206 || len(got.body) != 10 {
		t.Error(got.code, len(got.body))
	}
}
