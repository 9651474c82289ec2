package jpeg

import (
	"errors"
	"image"
	"io"
)

// ErrUnusual says that a file is to be given to image/jpeg.
var ErrUnusual = errors.New("jpeg: not one of the usual kinds")

// A FormatError says what is wrong with a file.
type FormatError string

func (e FormatError) Error() string { return "jpeg: " + string(e) }

// Decode reads a JPEG at 1/reduce of its size, where reduce is 1, 2, 4 or 8: an *image.Gray
// or an *image.YCbCr, ceil(width/reduce) wide. The last column and row of a picture whose
// sides are no multiple of reduce hold some of what the encoder padded it with. It takes
// memory for the planes, and for a progressive file 2 bytes a sample: check the header
// before. Errors are ErrUnusual, a FormatError or io.ErrUnexpectedEOF.
// Cost of baseline 4:2:0, whole: about 5 ns a pixel.
func Decode(data []byte, reduce int) (image.Image, error) {
	if reduce != 1 && reduce != 2 && reduce != 4 && reduce != 8 {
		return nil, ErrUnusual
	}
	d := &decoder{data: data, size: 8 / reduce}
	if err := d.run(); err != nil {
		return nil, err
	}
	return d.picture(), nil
}

type decoder struct {
	data []byte
	pos  int
	size int // of a block of output: 8, 4, 2 or 1

	width, height int
	comps         []component
	hMax, vMax    int
	mcusX, mcusY  int
	progressive   bool
	baseline      bool // SOF0
	jfif, rgb     bool
	restart       int // MCUs between restart markers
	quant         [4][64]uint16
	dc, ac        [4]table
	block         [64]int16 // of a baseline file: zero between blocks
}

type component struct {
	id, quant byte
	h, v      int
	blocksX   int // in a row of the plane, whole MCUs
	blocksY   int
	plane     []byte
	stride    int
	scale     [64]float32 // what coefficients are multiplied by
	coef      [][64]int16 // of a progressive file
}

// zigzag is the order of coefficients in a file. Blocks are kept column by column, the
// transpose of the usual order: see idct.
var zigzag = func() (z [64]uint8) {
	u, v := 0, 0
	for k := range z {
		z[k] = uint8(u*8 + v)
		switch {
		case (u+v)%2 == 0 && u == 7:
			v++
		case (u+v)%2 == 0 && v == 0:
			u++
		case (u+v)%2 == 0:
			u, v = u+1, v-1
		case v == 7:
			u++
		case u == 0:
			v++
		default:
			u, v = u-1, v+1
		}
	}
	return z
}()

// run walks the markers (T.81 annex B), as liberal as image/jpeg about rubbish between
// segments.
func (d *decoder) run() error {
	if len(d.data) < 2 || d.data[0] != 0xff || d.data[1] != 0xd8 {
		return FormatError("no start of image")
	}
	d.pos = 2
	for {
		for d.pos+1 < len(d.data) && (d.data[d.pos] != 0xff || d.data[d.pos+1] == 0 || d.data[d.pos+1] == 0xff) {
			d.pos++
		}
		if d.pos+2 > len(d.data) {
			return io.ErrUnexpectedEOF
		}
		code := d.data[d.pos+1]
		d.pos += 2
		switch {
		case code == 0xd9:
			return d.finish()
		case code >= 0xd0 && code <= 0xd7:
			continue
		}
		if d.pos+2 > len(d.data) {
			return io.ErrUnexpectedEOF
		}
		n := int(d.data[d.pos])<<8 | int(d.data[d.pos+1])
		if n < 2 {
			return FormatError("short segment")
		}
		if d.pos+n > len(d.data) {
			return io.ErrUnexpectedEOF
		}
		body := d.data[d.pos+2 : d.pos+n]
		d.pos += n
		if err := d.segment(code, body); err != nil {
			return err
		}
	}
}

func (d *decoder) segment(code byte, body []byte) error {
	switch code {
	case 0xc0, 0xc1, 0xc2:
		return d.frame(code, body)
	case 0xc4:
		return d.huffman(body)
	case 0xdb:
		return d.quantization(body)
	case 0xda:
		return d.scan(body)
	case 0xdd:
		if len(body) != 2 {
			return FormatError("restart interval of a wrong length")
		}
		d.restart = int(body[0])<<8 | int(body[1])
	case 0xe0:
		d.jfif = d.jfif || len(body) >= 5 && string(body[:5]) == "JFIF\x00"
	case 0xee:
		if len(body) >= 12 && string(body[:5]) == "Adobe" {
			d.rgb = body[11] == 0
		}
	default:
		if code < 0xe0 || code > 0xef && code != 0xfe {
			return ErrUnusual
		}
	}
	return nil
}

// frame reads precision, height, width, and for each component its id, sampling and table.
func (d *decoder) frame(code byte, b []byte) error {
	if d.comps != nil {
		return FormatError("two frames")
	}
	if len(b) < 6 || b[0] != 8 || b[5] != 1 && b[5] != 3 || len(b) != 6+3*int(b[5]) {
		return ErrUnusual
	}
	d.baseline, d.progressive = code == 0xc0, code == 0xc2
	d.height, d.width = int(b[1])<<8|int(b[2]), int(b[3])<<8|int(b[4])
	if d.width == 0 || d.height == 0 {
		return ErrUnusual
	}
	d.comps = make([]component, b[5])
	for i := range d.comps {
		c := &d.comps[i]
		s := b[6+3*i:]
		*c = component{id: s[0], h: int(s[1] >> 4), v: int(s[1] & 15), quant: s[2]}
		if len(d.comps) == 1 {
			c.h, c.v = 1, 1
		}
		if c.quant > 3 || !(c.h == 1 || c.h == 2 || c.h == 4) || !(c.v == 1 || c.v == 2) {
			return ErrUnusual
		}
		first := d.comps[0]
		if first.h%c.h != 0 || first.v%c.v != 0 || i == 2 && (c.h != d.comps[1].h || c.v != d.comps[1].v) {
			return ErrUnusual
		}
		for _, o := range d.comps[:i] {
			if o.id == c.id {
				return FormatError("two components of one name")
			}
		}
	}
	d.hMax, d.vMax = d.comps[0].h, d.comps[0].v
	d.mcusX, d.mcusY = up(d.width, 8*d.hMax), up(d.height, 8*d.vMax)
	if len(d.comps) == 3 && d.comps[0].id == 'R' && d.comps[1].id == 'G' && d.comps[2].id == 'B' {
		d.rgb = true
	}
	return nil
}

// up is a / b, rounded up.
func up(a, b int) int { return (a + b - 1) / b }

func (d *decoder) huffman(b []byte) error {
	for len(b) > 0 {
		if len(b) < 17 {
			return FormatError("Huffman table cut short")
		}
		class, id := b[0]>>4, b[0]&15
		n := 0
		for _, c := range b[1:17] {
			n += int(c)
		}
		if class > 1 || id > 3 || n == 0 || n > 256 || len(b) < 17+n {
			return FormatError("Huffman table out of range")
		}
		t := &d.dc[id]
		if class == 1 {
			t = &d.ac[id]
		}
		if !t.init(b[1:17], b[17:17+n]) {
			return FormatError("Huffman table of too many codes")
		}
		b = b[17+n:]
	}
	return nil
}

func (d *decoder) quantization(b []byte) error {
	for len(b) > 0 {
		wide, id := int(b[0]>>4), b[0]&15
		if wide > 1 || id > 3 || len(b) < 1+64*(1+wide) {
			return FormatError("quantization table out of range")
		}
		b = b[1:]
		for i := range d.quant[id] {
			if wide == 1 {
				d.quant[id][i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
			} else {
				d.quant[id][i] = uint16(b[i])
			}
		}
		b = b[64*(1+wide):]
	}
	return nil
}

// scanPart is a component's part in a scan.
type scanPart struct {
	c      *component
	dc, ac *table
	last   int32 // DC of the block before
}

// scan reads the header of a scan, then its data.
func (d *decoder) scan(b []byte) error {
	if d.comps == nil {
		return FormatError("a scan without a frame")
	}
	if d.rgb && !d.jfif {
		return ErrUnusual
	}
	if len(b) < 6 || b[0] < 1 || int(b[0]) > len(d.comps) || len(b) != 4+2*int(b[0]) {
		return FormatError("scan header of a wrong length")
	}
	parts := make([]scanPart, b[0])
	for i := range parts {
		for j := range d.comps {
			if d.comps[j].id == b[1+2*i] {
				parts[i].c = &d.comps[j]
			}
		}
		dc, ac := b[2+2*i]>>4, b[2+2*i]&15
		if parts[i].c == nil || dc > 3 || ac > 3 {
			return FormatError("scan of an unknown component or table")
		}
		for _, o := range parts[:i] {
			if o.c == parts[i].c {
				return FormatError("a component twice in a scan")
			}
		}
		parts[i].dc, parts[i].ac = &d.dc[dc], &d.ac[ac]
	}
	d.allocate()
	if d.progressive {
		s := b[1+2*len(parts):]
		return d.progress(parts, int(s[0]), int(s[1]), uint(s[2]>>4), uint(s[2]&15))
	}
	return d.sequential(parts)
}

// allocate makes the planes, once: whole MCUs.
func (d *decoder) allocate() {
	if d.comps[0].plane != nil {
		return
	}
	for i := range d.comps {
		c := &d.comps[i]
		c.blocksX, c.blocksY = d.mcusX*c.h, d.mcusY*c.v
		c.stride = c.blocksX * d.size
		c.plane = make([]byte, c.stride*c.blocksY*d.size)
		if d.progressive {
			c.coef = make([][64]int16, c.blocksX*c.blocksY)
		}
	}
}

// finish makes the pixels of a progressive file.
func (d *decoder) finish() error {
	if len(d.comps) == 0 || d.comps[0].plane == nil {
		return FormatError("no scan")
	}
	if d.rgb && !d.jfif {
		return ErrUnusual
	}
	if !d.progressive {
		return nil
	}
	for i := range d.comps {
		c := &d.comps[i]
		d.scaleOf(c)
		for j := range c.coef {
			d.pixels(c, &c.coef[j], j%c.blocksX, j/c.blocksX, false)
		}
	}
	return nil
}

func (d *decoder) picture() image.Image {
	k := 8 / d.size
	r := image.Rect(0, 0, up(d.width, k), up(d.height, k))
	y := d.comps[0]
	if len(d.comps) == 1 {
		return &image.Gray{Pix: y.plane, Stride: y.stride, Rect: r}
	}
	m := &image.YCbCr{Y: y.plane, Cb: d.comps[1].plane, Cr: d.comps[2].plane, YStride: y.stride, CStride: d.comps[1].stride, Rect: r}
	switch [2]int{y.h / d.comps[1].h, y.v / d.comps[1].v} {
	case [2]int{1, 1}:
		m.SubsampleRatio = image.YCbCrSubsampleRatio444
	case [2]int{1, 2}:
		m.SubsampleRatio = image.YCbCrSubsampleRatio440
	case [2]int{2, 1}:
		m.SubsampleRatio = image.YCbCrSubsampleRatio422
	case [2]int{2, 2}:
		m.SubsampleRatio = image.YCbCrSubsampleRatio420
	case [2]int{4, 1}:
		m.SubsampleRatio = image.YCbCrSubsampleRatio411
	case [2]int{4, 2}:
		m.SubsampleRatio = image.YCbCrSubsampleRatio410
	}
	return m
}
