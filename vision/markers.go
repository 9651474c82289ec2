package vision

import (
	"bytes"
	"encoding/binary"
)

// What the standard decoders do not tell: orientation, animation, scans. These
// readers never fail; they stop where the bytes stop making sense, and the
// decoder reports what is wrong.

// maxScans of a JPEG. A camera writes one, a web optimiser about ten. Each scan
// of a progressive file passes over every coefficient, so a file of a few
// kilobytes with thousands of empty ones would hold a core for minutes.
const maxScans = 64

type jpegMarkers struct {
	orientation int
	progressive bool
	samples     int64 // samples in 4 pixels, over the components
	components  int
	scans       int
	ended       bool // an end-of-image marker stands behind a scan
}

// bytesPerPixel bounds what image/jpeg, to which rare files are left, allocates: a byte a
// sample, 4 more for the coefficients of a progressive file, and 4 a pixel to join four
// components. What internal/jpeg takes is less.
func (j jpegMarkers) bytesPerPixel() int64 {
	each, extra := int64(1), int64(0)
	if j.progressive {
		each = 5
	}
	if j.components >= 3 {
		extra = 4 * int64(j.components-3)
	}
	return (j.samples*each+3)/4 + extra
}

// scanJPEG walks the markers (ITU T.81 annex B): FF, code, and for most a
// two-byte big-endian length that counts itself.
func scanJPEG(data []byte) jpegMarkers {
	j := jpegMarkers{orientation: 1, samples: 12, components: 3}
	seenFrame, seenExif := false, false
	for p := 2; p+2 <= len(data) && j.scans <= maxScans; {
		if data[p] != 0xff { // entropy-coded data, or rubbish between segments
			next := bytes.IndexByte(data[p:], 0xff)
			if next < 0 {
				break
			}
			p += next
			continue
		}
		code := data[p+1]
		if code == 0xff {
			p++
			continue
		}
		if code == 0xd9 && j.scans > 0 {
			j.ended = true
			return j
		}
		if code == 0 || code == 1 || code >= 0xd0 && code <= 0xd9 { // stuffed byte, or a marker without length
			p += 2
			continue
		}
		if p+4 > len(data) {
			break
		}
		n := int(binary.BigEndian.Uint16(data[p+2:]))
		if n < 2 || p+2+n > len(data) {
			break
		}
		body := data[p+4 : p+2+n]
		switch {
		case code == 0xda:
			j.scans++
		case code == 0xe1 && !seenExif:
			if tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok {
				seenExif = true
				j.orientation = exifOrientation(tiff)
			}
		case code >= 0xc0 && code <= 0xc2 && !seenFrame:
			seenFrame = true
			j.progressive = code == 0xc2
			j.frame(body)
		}
		p += 2 + n
	}
	return j
}

// frame reads a start-of-frame: precision, height, width, components, and for
// each component id, sampling (4 bits each), table.
func (j *jpegMarkers) frame(b []byte) {
	if len(b) < 6 {
		return
	}
	n := int(b[5])
	if n < 1 || n > 4 || len(b) < 6+3*n {
		return
	}
	var sum, most int64
	for i := range n {
		s := b[6+3*i+1]
		a := int64(s>>4) * int64(s&15)
		sum, most = sum+a, max(most, a)
	}
	if most == 0 || n == 1 {
		sum, most = int64(n), 1
	}
	j.components, j.samples = n, (4*sum+most-1)/most
}

type pngChunks struct {
	orientation int
	animated    bool
	depth, kind byte
	interlaced  bool
	data        int64 // bytes of compressed pixels
	ended       bool  // IEND is there
}

// bytesPerPixel bounds what image/png allocates for the depth and colour type.
func (c pngChunks) bytesPerPixel() int64 {
	n := int64(4)
	switch {
	case c.depth == 16:
		n = 8
	case c.kind == 0 || c.kind == 3:
		n = 1
	}
	if c.interlaced {
		n += (n + 1) / 2 // the last pass is half the picture and is merged into the whole
	}
	return n
}

// bits of a pixel in a row, at least.
func (c pngChunks) bits() int64 {
	samples := int64(1)
	switch c.kind {
	case 2:
		samples = 3
	case 4:
		samples = 2
	case 6:
		samples = 4
	}
	return samples * int64(max(1, c.depth))
}

// scanPNG walks the chunks: length, type, data, checksum.
func scanPNG(data []byte) pngChunks {
	c := pngChunks{orientation: 1, depth: 16}
	if len(data) >= 29 {
		c.depth, c.kind, c.interlaced = data[24], data[25], data[28] != 0
	}
	for p := 8; p+8 <= len(data); {
		n := int64(binary.BigEndian.Uint32(data[p:]))
		kind, end := string(data[p+4:p+8]), int64(p)+12+n
		if end > int64(len(data)) {
			break
		}
		switch kind {
		case "IDAT":
			c.data += n
		case "IEND":
			c.ended = true
		case "acTL":
			c.animated = true
		case "eXIf":
			c.orientation = exifOrientation(data[p+8 : end-4])
		}
		p = int(end)
	}
	return c
}

// scanGIF says whether there is a second frame: it walks blocks and extensions.
func scanGIF(data []byte) (animated bool) {
	if len(data) < 13 {
		return false
	}
	p := 13
	if data[10]&0x80 != 0 {
		p += 3 << (1 + data[10]&7)
	}
	for frames := 0; p < len(data); {
		switch data[p] {
		case 0x21:
			p += 2
		case 0x2c:
			if frames++; frames > 1 {
				return true
			}
			if p+9 >= len(data) {
				return false
			}
			if flags := data[p+9]; flags&0x80 != 0 {
				p += 3 << (1 + flags&7)
			}
			p += 11
		default:
			return false
		}
		for p < len(data) && data[p] != 0 { // sub-blocks: length, bytes
			p += 1 + int(data[p])
		}
		p++
	}
	return false
}

type webpChunks struct {
	orientation int
	animated    bool
	frame       []byte
}

// scanWebP walks the RIFF chunks and, for an animation, makes a still file of
// the first frame, which the decoder of x/image can read.
func scanWebP(data []byte) webpChunks {
	w := webpChunks{orientation: 1, frame: data}
	walkRIFF(data[12:], func(id string, body []byte) {
		switch id {
		case "EXIF":
			w.orientation = exifOrientation(bytes.TrimPrefix(body, []byte("Exif\x00\x00")))
		case "ANMF":
			if !w.animated && len(body) > 16 {
				w.animated = true
				w.frame = stillWebP(body)
			}
		}
	})
	return w
}

// walkRIFF calls f for every whole chunk: four letters, little-endian length,
// data padded to even.
func walkRIFF(data []byte, f func(id string, body []byte)) {
	for len(data) >= 8 {
		n := int64(binary.LittleEndian.Uint32(data[4:]))
		if 8+n > int64(len(data)) {
			return
		}
		f(string(data[:4]), data[8:8+n])
		data = data[min(8+n+n&1, int64(len(data))):]
	}
}

// stillWebP wraps the chunks of an ANMF frame (x, y, width-1, height-1 in 24
// bits each, duration, flags, then chunks) as a file of its own.
func stillWebP(anmf []byte) []byte {
	inner, alpha := anmf[16:], false
	walkRIFF(inner, func(id string, _ []byte) { alpha = alpha || id == "ALPH" })
	out := []byte("RIFF\x00\x00\x00\x00WEBP")
	if alpha {
		out = append(out, "VP8X\x0a\x00\x00\x00\x10\x00\x00\x00"...)
		out = append(out, anmf[6:12]...)
	}
	out = append(out, inner...)
	if len(out)%2 == 1 {
		out = append(out, 0)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}
