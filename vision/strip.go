package vision

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// Strip returns the file without what a camera or a program wrote about the picture: EXIF with
// its place and time, XMP, IPTC, comments, texts, thumbnails within, and bytes behind its
// end. Pixels stay as they are, bit for bit. What is needed to show it stays: colour
// profiles that make sense, transparency, animation and, where it is not upright, the
// orientation as the only tag of a new EXIF block.
//
// A file without any of that is returned as it is, without a copy. One that is damaged, or built
// oddly, is cut where it stops making sense: Decode it before, and Inspect what is left.
func Strip(data []byte) []byte {
	f, err := Sniff(data)
	if err != nil {
		return data
	}
	var out []byte
	switch f {
	case JPEG:
		out = stripJPEG(data)
	case PNG:
		out = stripPNG(data)
	case GIF:
		out = stripGIF(data)
	case WebP:
		out = stripWebP(data)
	}
	if out == nil || bytes.Equal(out, data) {
		return data
	}
	return out
}

// exifOf is a TIFF block that holds the orientation alone.
func exifOf(orientation int) []byte {
	return []byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, byte(orientation), 0, 0, 0, 0, 0, 0}
}

// maxProfile is the size of the largest colour profile that is kept: those of printers, the
// largest that there are, have about as much.
const maxProfile = 4 << 20

// saneProfile tells whether bytes are an ICC profile of a colour space that pictures have:
// its own size at 0, "acsp" at 36, the space at 16 (ICC.1:2010, 7.2).
func saneProfile(b []byte) bool {
	return len(b) >= 128 && len(b) <= maxProfile && binary.BigEndian.Uint32(b) == uint32(len(b)) && string(b[36:40]) == "acsp" &&
		slices.Contains([]string{"RGB ", "GRAY", "CMYK"}, string(b[16:20]))
}

const iccMark = "ICC_PROFILE\x00"

// jpegProfile joins the parts of a profile, each numbered from 1; nil if one is missing.
func jpegProfile(data []byte) []byte {
	parts := map[int][]byte{}
	want := 0
	jpegSegments(data, func(code byte, whole, body []byte) {
		if b, ok := bytes.CutPrefix(body, []byte(iccMark)); ok && code == 0xe2 && len(b) > 2 {
			parts[int(b[0])], want = b[2:], int(b[1])
		}
	})
	var out []byte
	for i := 1; i <= want; i++ {
		if parts[i] == nil {
			return nil
		}
		out = append(out, parts[i]...)
	}
	return out
}

// jpegSegments walks the segments before the first scan, calls f for each with its marker
// and without, and returns where the scan begins; -1 if there is none.
func jpegSegments(data []byte, f func(code byte, whole, body []byte)) int {
	for p := 2; p+4 <= len(data); {
		if data[p] != 0xff {
			return -1
		}
		code := data[p+1]
		if code == 0xff {
			p++
			continue
		}
		if code == 0xda {
			return p
		}
		n := int(binary.BigEndian.Uint16(data[p+2:]))
		if code < 0xc0 || code >= 0xd0 && code <= 0xd9 || n < 2 || p+2+n > len(data) {
			return -1
		}
		f(code, data[p:p+2+n], data[p+4:p+2+n])
		p += 2 + n
	}
	return -1
}

func stripJPEG(data []byte) []byte {
	orientation := scanJPEG(data).orientation
	profile := saneProfile(jpegProfile(data))
	out := make([]byte, 0, len(data)+32)
	out = append(out, 0xff, 0xd8)
	if orientation != 1 {
		tiff := exifOf(orientation)
		out = append(out, 0xff, 0xe1)
		out = binary.BigEndian.AppendUint16(out, uint16(2+6+len(tiff)))
		out = append(append(out, "Exif\x00\x00"...), tiff...)
	}
	scan := jpegSegments(data, func(code byte, whole, body []byte) {
		switch {
		case code == 0xe0 && bytes.HasPrefix(body, []byte("JFIF\x00")) && len(body) >= 14:
			// Without the thumbnail that it may hold.
			out = append(out, 0xff, 0xe0, 0, 16)
			out = append(out, body[:12]...)
			out = append(out, 0, 0)
		case code == 0xe2 && profile && bytes.HasPrefix(body, []byte(iccMark)),
			code == 0xee && bytes.HasPrefix(body, []byte("Adobe")), // how colours are coded
			code < 0xe0 || code > 0xef && code != 0xfe:
			out = append(out, whole...)
		}
	})
	if scan < 0 {
		return nil
	}
	// From the first scan to the end marker; tables between scans are kept, and what stands
	// among them and is none is not.
	for p := scan; p+2 <= len(data); {
		next := bytes.IndexByte(data[p:], 0xff)
		if next < 0 || p+next+1 >= len(data) {
			return append(out, data[p:]...)
		}
		out = append(out, data[p:p+next]...)
		p += next
		code := data[p+1]
		switch {
		case code == 0xd9:
			return append(out, 0xff, 0xd9)
		case code == 0 || code == 1 || code >= 0xd0 && code <= 0xd7:
			out = append(out, data[p:p+2]...)
			p += 2
		case code == 0xff:
			p++
		default:
			if p+4 > len(data) {
				return out
			}
			n := int(binary.BigEndian.Uint16(data[p+2:]))
			if n < 2 || p+2+n > len(data) {
				return out
			}
			if code < 0xe0 || code > 0xef && code != 0xfe {
				out = append(out, data[p:p+2+n]...)
			}
			p += 2 + n
		}
	}
	return out
}

// pngKept are the chunks of a PNG that showing it needs, beside those whose first letter is
// a capital.
var pngKept = []string{"tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "pHYs", "acTL", "fcTL", "fdAT", "cICP"}

func stripPNG(data []byte) []byte {
	out := append(make([]byte, 0, len(data)+64), data[:8]...)
	orientation := scanPNG(data).orientation
	for p := 8; p+12 <= len(data); {
		n := int64(binary.BigEndian.Uint32(data[p:]))
		kind, end := string(data[p+4:p+8]), int64(p)+12+n
		if end > int64(len(data)) {
			return out
		}
		if kind[0] >= 'A' && kind[0] <= 'Z' || slices.Contains(pngKept, kind) && (kind != "iCCP" || n <= maxProfile) {
			out = append(out, data[p:end]...)
		}
		if kind == "IHDR" && orientation != 1 {
			tiff := exifOf(orientation)
			at := len(out) + 4
			out = binary.BigEndian.AppendUint32(out, uint32(len(tiff)))
			out = append(append(out, "eXIf"...), tiff...)
			out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[at:]))
		}
		if kind == "IEND" {
			return out
		}
		p = int(end)
	}
	return out
}

// stripGIF keeps frames, their controls, and how often they are shown.
func stripGIF(data []byte) []byte {
	if len(data) < 13 {
		return nil
	}
	p := 13
	if data[10]&0x80 != 0 {
		p += 3 << (1 + data[10]&7)
	}
	if p > len(data) {
		return nil
	}
	out := append(make([]byte, 0, len(data)), data[:p]...)
	blocks := func(at int) int { // behind the sub-blocks that begin at a place; -1 if they are cut
		for at < len(data) && data[at] != 0 {
			at += 1 + int(data[at])
		}
		if at >= len(data) {
			return -1
		}
		return at + 1
	}
	for p < len(data) {
		from, keep := p, true
		switch data[p] {
		case 0x3b:
			return append(out, 0x3b)
		case 0x21:
			if p+2 >= len(data) {
				return out
			}
			switch data[p+1] {
			case 0xf9, 0x01: // graphic control, plain text
			case 0xff:
				name := string(data[min(p+3, len(data)):min(p+14, len(data))])
				keep = name == "NETSCAPE2.0" || name == "ANIMEXTS1.0"
			default:
				keep = false
			}
			p = blocks(p + 2)
		case 0x2c:
			if p+10 >= len(data) {
				return out
			}
			at := p + 10
			if flags := data[p+9]; flags&0x80 != 0 {
				at += 3 << (1 + flags&7)
			}
			p = blocks(at + 1)
		default:
			return out
		}
		if p < 0 {
			return out
		}
		if keep {
			out = append(out, data[from:p]...)
		}
	}
	return out
}

// Flags of VP8X (the WebP container specification).
const (
	webpProfile = 0x20
	webpExif    = 0x08
	webpXMP     = 0x04
)

func stripWebP(data []byte) []byte {
	if len(data) < 12 {
		return nil
	}
	orientation := scanWebP(data).orientation
	end := min(int64(len(data)), 8+int64(binary.LittleEndian.Uint32(data[4:])))
	out := append(make([]byte, 0, len(data)+64), data[:12]...)
	chunk := func(id string, body []byte) {
		out = append(out, id...)
		out = binary.LittleEndian.AppendUint32(out, uint32(len(body)))
		out = append(out, body...)
		if len(body)%2 == 1 {
			out = append(out, 0)
		}
	}
	header := -1
	walkRIFF(data[12:max(12, end)], func(id string, body []byte) {
		switch id {
		case "VP8X":
			header = len(out) + 8
			chunk(id, body)
			if len(body) > 0 {
				out[header] &^= webpExif | webpXMP | webpProfile
				if orientation != 1 {
					out[header] |= webpExif
				}
			}
		case "ICCP":
			if saneProfile(body) && header >= 0 {
				out[header] |= webpProfile
				chunk(id, body)
			}
		case "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF":
			chunk(id, body)
		}
	})
	if orientation != 1 && header >= 0 {
		chunk("EXIF", exifOf(orientation))
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}
