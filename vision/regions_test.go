package vision_test

import (
	"image"
	"image/color"
	"testing"

	"bowerbird/vision"
)

// onGround draws boxes of a colour on a grey ground.
func onGround(t *testing.T, ground color.RGBA, boxes ...image.Rectangle) *vision.Picture {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 320, 320))
	for y := range 320 {
		for x := range 320 {
			m.SetRGBA(x, y, ground)
			for i, b := range boxes {
				if image.Pt(x, y).In(b) {
					m.SetRGBA(x, y, color.RGBA{uint8(200 - 150*i), 40, uint8(30 + 200*i), 255})
				}
			}
		}
	}
	p, err := vision.FromImage(m, vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRegions(t *testing.T) {
	gray := color.RGBA{200, 200, 200, 255}
	p := onGround(t, gray, image.Rect(40, 40, 140, 140), image.Rect(180, 180, 300, 280))
	found := p.Regions(4)
	if len(found) < 2 {
		t.Fatalf("%d regions", len(found))
	}
	for i, b := range []vision.Rect{{X: .125, Y: .125, W: .3125, H: .3125}, {X: .5625, Y: .5625, W: .375, H: .3125}} {
		best := 0.0
		for _, r := range found {
			w, h := min(r.X+r.W, b.X+b.W)-max(r.X, b.X), min(r.Y+r.H, b.Y+b.H)-max(r.Y, b.Y)
			if w > 0 && h > 0 {
				best = max(best, w*h/(r.W*r.H+b.W*b.H-w*h))
			}
		}
		if best < .5 {
			t.Errorf("box %d is met by %.2f of a region: %v", i, best, found)
		}
	}
	for _, r := range found {
		if err := r.Validate(); err != nil {
			t.Error(err)
		}
	}
	if none := onGround(t, gray).Regions(4); len(none) != 0 {
		t.Errorf("a plain picture has %v", none)
	}
}

func TestQualityAndWords(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			v := uint8(40 + 60*(x/80%3) + 40*(y/60%2))
			m.SetRGBA(x, y, color.RGBA{v, v, v / 2, 255})
		}
	}
	p, err := vision.FromImage(m, vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	small, err := vision.FromImage(resized(resized(m, .2, .2), 5, 5), vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dark := resized(m, 1, 1).(*image.RGBA)
	for i := range dark.Pix {
		if i%4 != 3 {
			dark.Pix[i] /= 6
		}
	}
	night, err := vision.FromImage(dark, vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if q := p.Quality(); q < .5 || q > 1 || small.Quality() >= q || night.Quality() >= q {
		t.Errorf("quality %.3f, blurred %.3f, dark %.3f", q, small.Quality(), night.Quality())
	}
	w := p.Look().Words()
	if len(w) != 5 || w[3] != "landscape" || night.Look().Words()[0] != "dark" {
		t.Errorf("%v, dark %v", w, night.Look().Words())
	}
}

func TestPattern(t *testing.T) {
	for want, at := range map[string]func(x, y int) bool{
		"striped": func(x, _ int) bool { return x/12%2 == 0 },
		"grid":    func(x, y int) bool { return x%20 < 6 || y%20 < 6 },
		"plain":   func(int, int) bool { return false },
	} {
		m := image.NewGray(image.Rect(0, 0, 240, 240))
		for y := range 240 {
			for x := range 240 {
				m.SetGray(x, y, color.Gray{60})
				if at(x, y) {
					m.SetGray(x, y, color.Gray{200})
				}
			}
		}
		p, err := vision.FromImage(m, vision.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Look().Pattern(); got != want {
			t.Errorf("%s is called %s: %+v", want, got, p.Look())
		}
	}
}

func TestTileAndParts(t *testing.T) {
	p := onGround(t, color.RGBA{10, 200, 30, 255})
	for _, side := range []int{1, 7, 32} {
		tile, err := p.Tile(vision.Rect{X: .1, Y: .2, W: .5, H: .3}, side)
		if err != nil || len(tile) != 3*side*side {
			t.Fatal(len(tile), err)
		}
		if r, g, b := tile[0], tile[1], tile[2]; r > 14 || g < 196 || b > 34 || b < 26 {
			t.Errorf("side %d: %d %d %d", side, r, g, b)
		}
	}
	if _, err := p.Tile(vision.Rect{W: 2, H: 1}, 8); err == nil {
		t.Error("a box outside the picture was taken")
	}
	parts, err := p.Parts()
	if err != nil || len(parts) != len(vision.PartBoxes)*vision.Dim {
		t.Fatal(len(parts), err)
	}
}
