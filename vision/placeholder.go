package vision

import (
	"encoding/base64"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
	"image"
)

// placeholderSide is the longer side of a placeholder in pixels.
const placeholderSide = 8

// Placeholder is a data URI of a PNG of at most 8 x 8 pixels: 150 to 400 bytes
// of text that a browser draws without a request and, stretched to the size of
// the picture, smooths to a blur of it:
//
//	<img src="data:image/png;base64,..." style="width:100%;height:100%">
//
// or as a CSS background: url(data:...) with background-size: 100% 100%. It needs
// no script, which a ThumbHash or BlurHash does, and for it is about ten times
// their 25 bytes.
func (p *Picture) Placeholder() string {
	w, h := p.mid.Rect.Dx(), p.mid.Rect.Dy()
	s := min(1, placeholderSide/float64(max(w, h)))
	dw, dh := max(1, int(float64(w)*s+0.5)), max(1, int(float64(h)*s+0.5))
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(tinyPNG(tinyRGB(p.mid, dw, dh), dw, dh))
}

func tinyRGB(m *image.YCbCr, w, h int) []byte {
	t := reduceYCbCr(m, 2*w, 2*h) // twice the size, so that 4:2:0 has a chroma for each pixel
	rgb := make([]byte, 0, 3*w*h)
	for y := range h {
		for x := range w {
			i := 2*y*t.YStride + 2*x
			l := (int(t.Y[i]) + int(t.Y[i+1]) + int(t.Y[i+t.YStride]) + int(t.Y[i+t.YStride+1]) + 2) / 4
			r, g, b := ycbcrRGB(byte(l), t.Cb[y*t.CStride+x], t.Cr[y*t.CStride+x])
			rgb = append(rgb, r, g, b)
		}
	}
	return rgb
}

// tinyPNG writes RGB as a PNG with one stored (uncompressed) deflate block: at
// 200 bytes compression gains nothing, and the bytes do not change with the
// version of a compressor.
func tinyPNG(rgb []byte, w, h int) []byte {
	raw := make([]byte, 0, h*(1+3*w))
	for y := range h {
		raw = append(raw, 0) // filter: none
		raw = append(raw, rgb[3*w*y:3*w*(y+1)]...)
	}
	z := []byte{0x78, 0x01, 1} // zlib header; last block, stored
	z = binary.LittleEndian.AppendUint16(z, uint16(len(raw)))
	z = binary.LittleEndian.AppendUint16(z, ^uint16(len(raw)))
	z = append(z, raw...)
	z = binary.BigEndian.AppendUint32(z, adler32.Checksum(raw))

	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	head = append(head, 8, 2, 0, 0, 0) // 8 bits, RGB
	out := []byte("\x89PNG\r\n\x1a\n")
	for _, c := range []struct {
		kind string
		body []byte
	}{{"IHDR", head}, {"IDAT", z}, {"IEND", nil}} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(c.body)))
		start := len(out)
		out = append(append(out, c.kind...), c.body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
	}
	return out
}
