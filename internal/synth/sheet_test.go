package synth

import (
	"flag"
	"image"
	"image/draw"
	"image/png"
	"os"
	"sync"
	"testing"

	xdraw "golang.org/x/image/draw"
)

var (
	sheet     = flag.String("sheet", "", "write a contact sheet of pictures to this PNG")
	sheetSub  = flag.Int("sheet.sub", -1, "from this sub-interest on; -1 one of each, -2 a wall")
	sheetEach = flag.Int("sheet.each", 3, "pictures of each sub-interest, with -sheet.sub")
	sheetSubs = flag.Int("sheet.subs", 8, "sub-interests, with -sheet.sub")
	sheetCols = flag.Int("sheet.cols", 11, "columns of the contact sheet")
)

// TestContactSheet writes a sheet to look at: go test -run Sheet -sheet /tmp/s.png
func TestContactSheet(t *testing.T) {
	if *sheet == "" {
		t.Skip("no -sheet given")
	}
	w := world(t, Options{Items: 6000})
	var items []int
	for s := *sheetSub; s >= 0 && s < min(len(subs), *sheetSub+*sheetSubs); s++ {
		for _, i := range w.shelf[s].item[:*sheetEach] {
			items = append(items, int(i))
		}
	}
	for i := range w.items {
		if *sheetSub == -2 && i < 100+66 && i >= 66 || *sheetSub == -1 && i < len(subs) {
			items = append(items, i)
		}
	}
	const cw, ch = 180, 270
	rows := (len(items) + *sheetCols - 1) / *sheetCols
	out := image.NewRGBA(image.Rect(0, 0, *sheetCols*cw, rows*ch))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	var wg sync.WaitGroup
	for k, i := range items {
		wg.Go(func() {
			img, err := w.Image(i)
			if err != nil {
				t.Error(err)
				return
			}
			b := img.Bounds()
			f := min(float64(cw-6)/float64(b.Dx()), float64(ch-6)/float64(b.Dy()))
			x, y := k%*sheetCols*cw, k / *sheetCols * ch
			r := image.Rect(x, y, x+int(f*float64(b.Dx())), y+int(f*float64(b.Dy())))
			xdraw.CatmullRom.Scale(out, r, img, b, xdraw.Src, nil)
		})
	}
	wg.Wait()
	f, err := os.Create(*sheet)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, out); err != nil {
		t.Fatal(err)
	}
}
