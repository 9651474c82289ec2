package synth

import (
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// face is a type face of the Go family (Bigelow & Holmes, BSD licence).
type face int

const (
	regular face = iota
	bold
	italic
	medium500
	mono
)

// fonts are parsed once; sfnt.Font is safe for concurrent use.
var fonts = sync.OnceValue(func() [5]*sfnt.Font {
	var out [5]*sfnt.Font
	for k, ttf := range [][]byte{goregular.TTF, gobold.TTF, goitalic.TTF, gomedium.TTF, gomono.TTF} {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			panic("synth: a font of golang.org/x/image does not parse: " + err.Error())
		}
		out[k] = f
	}
	return out
})

// glyphs caches outlines at one em of 1024, where 26.6 coordinates are whole.
var glyphs sync.Map // glyphKey -> glyph

type glyphKey struct {
	f face
	r rune
}

type glyph struct {
	segs    sfnt.Segments
	advance float32 // of one em
	index   sfnt.GlyphIndex
}

const em = 1024

func loadGlyph(f face, r rune) glyph {
	k := glyphKey{f, r}
	if g, ok := glyphs.Load(k); ok {
		return g.(glyph)
	}
	var b sfnt.Buffer
	ft := fonts()[f]
	var g glyph
	var err error
	if g.index, err = ft.GlyphIndex(&b, r); err != nil {
		return g
	}
	adv, err := ft.GlyphAdvance(&b, g.index, fixed.I(em), font.HintingNone)
	if err != nil {
		return g
	}
	g.advance = float32(adv) / 64 / em
	segs, err := ft.LoadGlyph(&b, g.index, fixed.I(em), nil)
	if err != nil {
		return g
	}
	g.segs = append(sfnt.Segments(nil), segs...)
	glyphs.Store(k, g)
	return g
}

// width of a text at a size, with tracking in ems between letters.
func textWidth(f face, s string, size, track float32) float32 {
	w := float32(0)
	for _, r := range s {
		w += (loadGlyph(f, r).advance + track) * size
	}
	return w - track*size
}

// text adds the outlines of a line with its base line at y; align 0 left, .5
// middle, 1 right of x.
func (c *canvas) text(f face, s string, x, y, size, track, align float32) *canvas {
	x -= align * textWidth(f, s, size, track)
	for _, r := range s {
		g := loadGlyph(f, r)
		c.outline(g.segs, x, y, size)
		x += (g.advance + track) * size
	}
	return c
}

func (c *canvas) outline(segs sfnt.Segments, x, y, size float32) {
	k := size / em / 64
	at := func(p fixed.Point26_6) (float32, float32) { return x + float32(p.X)*k, y + float32(p.Y)*k }
	for _, s := range segs {
		a, b := at(s.Args[0])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			c.p.moveTo(a, b)
		case sfnt.SegmentOpLineTo:
			c.p.lineTo(a, b)
		case sfnt.SegmentOpQuadTo:
			d, e := at(s.Args[1])
			c.p.quadTo(a, b, d, e)
		case sfnt.SegmentOpCubeTo:
			d, e := at(s.Args[1])
			g, h := at(s.Args[2])
			c.p.cubeTo(a, b, d, e, g, h)
		}
	}
}

// fit is the largest size, up to most, at which a line is no wider than width.
func fit(f face, s string, width, track, most float32) float32 {
	return min(most, width/textWidth(f, s, 1, track))
}

// wrap breaks words into lines no wider than width at a size.
func wrap(f face, s string, width, size float32) []string {
	var out []string
	cur := ""
	for _, w := range strings.Fields(s) {
		next := strings.TrimSpace(cur + " " + w)
		if cur != "" && textWidth(f, next, size, 0) > width {
			out, next = append(out, cur), w
		}
		cur = next
	}
	return append(out, cur)
}

// around sets a line of letters on a circle, its middle at angle a.
func (c *canvas) around(f face, s string, x, y, r, size, track, a float32) *canvas {
	w := textWidth(f, s, size, track)
	a -= w / r / 2
	for _, q := range s {
		g := loadGlyph(f, q)
		half := g.advance * size / 2
		m := a + half/r
		from := len(c.p.pts)
		c.outline(g.segs, -half, 0, size)
		sn, cs := sin(m+pi/2), cos(m+pi/2)
		ox, oy := x+r*cos(m), y+r*sin(m)
		for i := from; i < len(c.p.pts); i++ {
			p := c.p.pts[i]
			c.p.pts[i] = pt{ox + p.x*cs - p.y*sn, oy + p.x*sn + p.y*cs}
		}
		a += (g.advance + track) * size / r
	}
	return c
}
