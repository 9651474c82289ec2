package vision_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"bowerbird/vision"
)

// poster is 600 x 400: a navy ground with an orange square on the left.
func poster() []byte {
	m := image.NewNRGBA(image.Rect(0, 0, 600, 400))
	for y := range 400 {
		for x := range 600 {
			c := color.NRGBA{22, 34, 74, 255}
			if x > 60 && x < 260 && y > 100 && y < 300 {
				c = color.NRGBA{245, 130, 32, 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Everything that an importer keeps of a picture, from one decode.
func ExampleProcess() {
	r, err := vision.Process(poster(), vision.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Format, r.Width, r.Height)
	fmt.Println("small", r.Small.Width, r.Small.Height, "large", r.Large.Width, r.Large.Height)
	for _, c := range r.Colors {
		fmt.Printf("%s (%s) %.0f %%\n", c.Name, c.Family, 100*c.Share)
	}
	fmt.Println(r.Look.Tone(), r.Look.Detail())
	fmt.Println(vision.DescriptorVersion, len(r.Descriptor))
	// Output:
	// png 600 400
	// small 320 213 large 600 400
	// navy (blue) 83 %
	// orange (orange) 17 %
	// dark calm
	// builtin-1 256
}

// A file is refused by its header, before any pixel is decoded.
func ExampleInspect() {
	_, err := vision.Inspect(poster(), vision.Options{MaxPixels: 100_000})
	fmt.Println(errors.Is(err, vision.ErrTooLarge))
	fmt.Println(err)
	// Output:
	// true
	// vision: 600 x 400 is 240000 pixels, at most 100000 are decoded: picture is too large; save it smaller
}

// A search by a box that someone drew on an uploaded picture.
func ExampleDescribe() {
	query, err := vision.Describe(poster(), vision.Rect{X: 0.1, Y: 0.25, W: 0.33, H: 0.5}, vision.Options{})
	fmt.Println(len(query), err)
	_, err = vision.Describe(poster(), vision.Rect{X: 0.8, Y: 0, W: 0.5, H: 1}, vision.Options{})
	fmt.Println(err)
	// Output:
	// 256 <nil>
	// vision: crop x + w is 1.3, more than 1: crop box is not valid
}
