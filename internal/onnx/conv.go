package onnx

import (
	"fmt"
	"math"

	"bowerbird/internal/vec"
)

// window is how a kernel moves over a plane.
type window struct {
	kh, kw, sh, sw, dh, dw int // kernel, stride, dilation
	top, left              int // padding before
	oh, ow                 int // places
}

// window reads the attributes that convolution and pooling share, for planes of h × w.
func (c *call) window(kernel []int, h, w int) (window, error) {
	pick := func(name string, n, def int) ([]int, error) {
		l := c.list(name)
		if l == nil {
			l = make([]int, n)
			for i := range l {
				l[i] = def
			}
		}
		if len(l) != n {
			return nil, fmt.Errorf("%s %v: only planes are known", name, l)
		}
		for _, v := range l {
			if v < 0 || v > 1<<16 {
				return nil, fmt.Errorf("%s %v", name, l)
			}
		}
		return l, nil
	}
	if len(kernel) != 2 || kernel[0] < 1 || kernel[1] < 1 {
		return window{}, fmt.Errorf("kernel %v: only planes are known", kernel)
	}
	if max(kernel[0], kernel[1]) > 1<<16 {
		return window{}, fmt.Errorf("kernel %v", kernel)
	}
	s, err := pick("strides", 2, 1)
	if err != nil {
		return window{}, err
	}
	d, err := pick("dilations", 2, 1)
	if err != nil {
		return window{}, err
	}
	p, err := pick("pads", 4, 0)
	if err != nil {
		return window{}, err
	}
	if s[0] == 0 || s[1] == 0 || d[0] == 0 || d[1] == 0 {
		return window{}, fmt.Errorf("strides %v, dilations %v", s, d)
	}
	win := window{kh: kernel[0], kw: kernel[1], sh: s[0], sw: s[1], dh: d[0], dw: d[1], top: p[0], left: p[1]}
	bottom, right := p[2], p[3]
	spanH, spanW := (win.kh-1)*win.dh+1, (win.kw-1)*win.dw+1
	switch auto := c.attrs["auto_pad"].s; auto {
	case "", "NOTSET":
	case "VALID":
		win.top, win.left, bottom, right = 0, 0, 0, 0
	case "SAME_UPPER", "SAME_LOWER":
		needH := max(0, ((h+s[0]-1)/s[0]-1)*s[0]+spanH-h)
		needW := max(0, ((w+s[1]-1)/s[1]-1)*s[1]+spanW-w)
		win.top, win.left = needH/2, needW/2
		if auto == "SAME_LOWER" {
			win.top, win.left = needH-needH/2, needW-needW/2
		}
		bottom, right = needH-win.top, needW-win.left
	default:
		return window{}, fmt.Errorf("auto_pad %q", auto)
	}
	up := 0
	if c.intOr("ceil_mode", 0) != 0 {
		up = 1
	}
	win.oh = (h+win.top+bottom-spanH+up*(win.sh-1))/win.sh + 1
	win.ow = (w+win.left+right-spanW+up*(win.sw-1))/win.sw + 1
	if up == 1 { // a window that would begin in the padding after the plane is none
		if (win.oh-1)*win.sh >= h+win.top {
			win.oh--
		}
		if (win.ow-1)*win.sw >= w+win.left {
			win.ow--
		}
	}
	if win.oh < 1 || win.ow < 1 || h+win.top+bottom < spanH || w+win.left+right < spanW {
		return window{}, fmt.Errorf("a kernel of %v does not fit a plane of %d × %d", kernel, h, w)
	}
	return win, nil
}

// conv is a convolution of planes in groups: unrolled into a product of
// matrices, or, where each channel has its own kernel, done plainly.
func conv(c *call) ([]*Tensor, error) {
	if err := c.want(2); err != nil {
		return nil, err
	}
	x, w, bias := c.in[0], c.in[1], c.opt(2)
	if x.rank() != 4 || w.rank() != 4 || !x.Type.float() || !w.Type.float() {
		return nil, fmt.Errorf("of %v by %v: only planes are known", x.Shape, w.Shape)
	}
	groups := c.intOr("group", 1)
	n, ch, h, wd := x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]
	oc, ic := w.Shape[0], w.Shape[1]
	if groups < 1 || ic*groups != ch || oc%groups != 0 || bias != nil && len(bias.F) != oc {
		return nil, fmt.Errorf("of %v by %v in %d groups", x.Shape, w.Shape, groups)
	}
	win, err := c.window(w.Shape[2:], h, wd)
	if err != nil {
		return nil, err
	}
	out, err := blank(Float32, []int{n, oc, win.oh, win.ow})
	if err != nil {
		return nil, err
	}
	places, k, og := win.oh*win.ow, ic*win.kh*win.kw, oc/groups
	if bias != nil {
		for i := range n * oc {
			v := bias.F[i%oc]
			for j := i * places; j < (i+1)*places; j++ {
				out.F[j] = v
			}
		}
	}
	if ic == 1 && og == 1 { // depthwise
		parallel(n*oc, max(1, 1<<16/(places*k)), c.threads, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				g := i % oc
				win.single(out.F[i*places:(i+1)*places], x.F[i*h*wd:(i+1)*h*wd], w.F[g*k:(g+1)*k], h, wd)
			}
		})
		return []*Tensor{out}, nil
	}
	pointwise := win.kh == 1 && win.kw == 1 && win.sh == 1 && win.sw == 1 && win.oh == h && win.ow == wd && win.top == 0 && win.left == 0
	// Strips of rows keep the unrolled matrix in the cache, and are what threads share.
	rows := max(1, min(win.oh, 1<<17/max(k*win.ow, 1)))
	if _, err := count([]int{k, rows, win.ow}); err != nil {
		return nil, fmt.Errorf("unrolled: %w", err)
	}
	strips := (win.oh + rows - 1) / rows
	parallel(n*groups*strips, 1, c.threads, func(lo, hi int) {
		cols := make([]float32, k*rows*win.ow)
		part := make([]float32, og*rows*win.ow)
		for i := lo; i < hi; i++ {
			img, g, y0 := i/(groups*strips), i/strips%groups, i%strips*rows
			y1 := min(y0+rows, win.oh)
			m := (y1 - y0) * win.ow
			src := x.F[(img*ch+g*ic)*h*wd : (img*ch+(g+1)*ic)*h*wd]
			if pointwise {
				for q := range ic {
					copy(cols[q*m:(q+1)*m], src[q*h*wd+y0*wd:])
				}
			} else {
				win.unroll(cols, src, ic, h, wd, y0, y1)
			}
			clear(part[:og*m])
			vec.MatMul(part[:og*m], w.F[g*og*k:(g+1)*og*k], cols[:k*m], og, k, m)
			for o := range og {
				dst := out.F[(img*oc+g*og+o)*places+y0*win.ow:][:m]
				for j, v := range part[o*m : (o+1)*m] {
					dst[j] += v
				}
			}
		}
	})
	return []*Tensor{out}, nil
}

// unroll lays out, for the rows y0 … y1-1 of places, what each weight of the
// kernel meets: one row a weight, one column a place (im2col).
func (win window) unroll(cols, src []float32, ic, h, w, y0, y1 int) {
	m, row := (y1-y0)*win.ow, 0
	for q := range ic {
		plane := src[q*h*w : (q+1)*h*w]
		for ky := range win.kh {
			for kx := range win.kw {
				dst := cols[row*m : (row+1)*m]
				row++
				x0 := kx*win.dw - win.left
				for y := y0; y < y1; y++ {
					line := dst[(y-y0)*win.ow : (y-y0+1)*win.ow]
					sy := y*win.sh + ky*win.dh - win.top
					if sy < 0 || sy >= h {
						clear(line)
						continue
					}
					from := plane[sy*w : (sy+1)*w]
					lo := min(win.ow, max(0, (-x0+win.sw-1)/win.sw)) // the first place inside
					hi := win.ow
					for hi > lo && (hi-1)*win.sw+x0 >= w {
						hi--
					}
					clear(line[:lo])
					clear(line[hi:])
					if win.sw == 1 {
						if hi > lo {
							copy(line[lo:hi], from[lo+x0:])
						}
						continue
					}
					for x := lo; x < hi; x++ {
						line[x] = from[x*win.sw+x0]
					}
				}
			}
		}
	}
}

// single adds to dst the convolution of one plane by one kernel.
func (win window) single(dst, src, kernel []float32, h, w int) {
	for ky := range win.kh {
		for kx := range win.kw {
			v := kernel[ky*win.kw+kx]
			x0 := kx*win.dw - win.left
			lo := min(win.ow, max(0, (-x0+win.sw-1)/win.sw))
			hi := win.ow
			for hi > lo && (hi-1)*win.sw+x0 >= w {
				hi--
			}
			for y := range win.oh {
				sy := y*win.sh + ky*win.dh - win.top
				if sy < 0 || sy >= h || hi <= lo {
					continue
				}
				line, from := dst[y*win.ow:(y+1)*win.ow], src[sy*w:(sy+1)*w]
				if win.sw == 1 {
					vec.Axpy(v, from[lo+x0:hi+x0], line[lo:hi])
					continue
				}
				for x := lo; x < hi; x++ {
					line[x] += v * from[x*win.sw+x0]
				}
			}
		}
	}
}

func maxPool(c *call) ([]*Tensor, error) {
	return c.pool(func(sum float32, _ int, best float32) float32 { return best })
}

func averagePool(c *call) ([]*Tensor, error) {
	k := c.list("kernel_shape")
	all := c.intOr("count_include_pad", 0) != 0
	return c.pool(func(sum float32, n int, _ float32) float32 {
		if all {
			n = k[0] * k[1]
		}
		return sum / float32(n)
	})
}

// pool folds each window of each plane; what lies outside the plane is left out.
func (c *call) pool(f func(sum float32, n int, best float32) float32) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t := c.in[0]
	if t.rank() != 4 || !t.Type.float() || len(c.out) > 1 {
		return nil, fmt.Errorf("of %v %v into %d outputs", t.Type, t.Shape, len(c.out))
	}
	h, w := t.Shape[2], t.Shape[3]
	win, err := c.window(c.list("kernel_shape"), h, w)
	if err != nil {
		return nil, err
	}
	out, err := blank(Float32, []int{t.Shape[0], t.Shape[1], win.oh, win.ow})
	if err != nil {
		return nil, err
	}
	planes, places := t.Shape[0]*t.Shape[1], win.oh*win.ow
	parallel(planes, max(1, 1<<14/places), c.threads, func(lo, hi int) {
		for p := lo; p < hi; p++ {
			src, dst := t.F[p*h*w:(p+1)*h*w], out.F[p*places:(p+1)*places]
			for i := range dst {
				y0, x0 := i/win.ow*win.sh-win.top, i%win.ow*win.sw-win.left
				var sum float32
				best, n := float32(math.Inf(-1)), 0
				for ky := range win.kh {
					y := y0 + ky*win.dh
					if y < 0 || y >= h {
						continue
					}
					for kx := range win.kw {
						if x := x0 + kx*win.dw; x >= 0 && x < w {
							v := src[y*w+x]
							sum, best, n = sum+v, max(best, v), n+1
						}
					}
				}
				dst[i] = f(sum, n, best)
			}
		}
	})
	return []*Tensor{out}, nil
}

func globalPool(f fold1) op {
	return func(c *call) ([]*Tensor, error) {
		if err := c.want(1); err != nil {
			return nil, err
		}
		t := c.in[0]
		if t.rank() < 3 || !t.Type.float() {
			return nil, fmt.Errorf("of %v %v", t.Type, t.Shape)
		}
		axes := make([]int, 0, t.rank()-2)
		for i := 2; i < t.rank(); i++ {
			axes = append(axes, i)
		}
		return one(reduceFloats(t, axes, true, f))
	}
}

// batchNorm is (x − mean) / √(variance + ε) · scale + bias by channel.
func batchNorm(c *call) ([]*Tensor, error) {
	if err := c.want(5); err != nil {
		return nil, err
	}
	return c.perChannel(func(ch int, _ []float32) (mean, variance float32) { return c.in[3].F[ch], c.in[4].F[ch] }, 5)
}

// instanceNorm is the same with each plane's own mean and variance.
func instanceNorm(c *call) ([]*Tensor, error) {
	if err := c.want(3); err != nil {
		return nil, err
	}
	return c.perChannel(func(_ int, x []float32) (mean, variance float32) {
		m := meanOf(x, len(x), 1)
		var s float64
		for _, v := range x {
			s += float64(v-m) * float64(v-m)
		}
		return m, float32(s / float64(len(x)))
	}, 3)
}

func (c *call) perChannel(moments func(ch int, x []float32) (mean, variance float32), inputs int) ([]*Tensor, error) {
	t := c.in[0]
	if t.rank() < 2 || !t.Type.float() {
		return nil, fmt.Errorf("of %v %v", t.Type, t.Shape)
	}
	chs := t.Shape[1]
	for _, p := range c.in[1:inputs] {
		if len(p.F) != chs {
			return nil, fmt.Errorf("%v with %v for each channel", t.Shape, p.Shape)
		}
	}
	eps := c.floatOr("epsilon", 1e-5)
	out := make([]float32, len(t.F))
	planes := t.Shape[0] * chs
	if planes == 0 || len(t.F) == 0 {
		return []*Tensor{Floats(out, t.Shape...)}, nil
	}
	size := len(t.F) / planes
	for p := range planes {
		ch := p % chs
		x, y := t.F[p*size:(p+1)*size], out[p*size:(p+1)*size]
		m, v := moments(ch, x)
		a := c.in[1].F[ch] / sqrt32(v+eps)
		b := c.in[2].F[ch] - m*a
		for i, v := range x {
			y[i] = v*a + b
		}
	}
	return []*Tensor{Floats(out, t.Shape...)}, nil
}

// resize scales planes: by the nearest element or linearly, by factors or to a size.
func resize(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t := c.in[0]
	if t.rank() < 1 || !t.Type.float() || t.Len() == 0 {
		return nil, fmt.Errorf("of %v %v", t.Type, t.Shape)
	}
	scales := make([]float32, t.rank())
	shape := make([]int, t.rank())
	factors, sizes := c.opt(2), c.opt(3)
	if c.op == "Upsample" || c.opset < 11 {
		factors = c.opt(1)
		if a, ok := c.attrs["scales"]; ok {
			factors = Floats(a.floats, len(a.floats))
		}
	}
	switch {
	case sizes != nil && len(sizes.I) == t.rank():
		for i := range shape {
			if sizes.I[i] < 0 || sizes.I[i] > maxElements {
				return nil, fmt.Errorf("sizes %v", sizes.I)
			}
			shape[i] = int(sizes.I[i])
			scales[i] = float32(shape[i]) / float32(t.Shape[i])
		}
	case factors != nil && len(factors.F) == t.rank():
		for i := range shape {
			scales[i] = factors.F[i]
			size := floor32(float32(t.Shape[i]) * scales[i])
			if !(scales[i] > 0) || size > maxElements {
				return nil, fmt.Errorf("scales %v", factors.F)
			}
			shape[i] = int(size)
		}
	default:
		return nil, fmt.Errorf("it has neither scales nor sizes for %v", t.Shape)
	}
	at, err := c.places(t.Shape, shape, scales)
	if err != nil {
		return nil, err
	}
	mode := c.attrs["mode"].s
	if mode != "" && mode != "nearest" && mode != "linear" {
		return nil, fmt.Errorf("mode %q", mode)
	}
	for i := range shape { // one axis after the other
		if shape[i] == t.Shape[i] && scales[i] == 1 {
			continue
		}
		if t, err = t.resampled(i, shape[i], at[i], mode == "linear", c.attrs["nearest_mode"].s); err != nil {
			return nil, err
		}
	}
	return []*Tensor{t}, nil
}

// places tells, for each element of each new axis, where it lies on the old one.
func (c *call) places(from, to []int, scales []float32) ([][]float32, error) {
	how := c.attrs["coordinate_transformation_mode"].s
	if how == "" {
		how = "half_pixel"
		if c.op == "Upsample" || c.opset < 11 {
			how = "asymmetric"
		}
	}
	out := make([][]float32, len(from))
	for i := range out {
		out[i] = make([]float32, to[i])
		for k := range out[i] {
			v := float32(k)
			switch how {
			case "half_pixel":
				v = (v+.5)/scales[i] - .5
			case "pytorch_half_pixel":
				if v = (v+.5)/scales[i] - .5; to[i] == 1 {
					v = 0
				}
			case "asymmetric":
				v /= scales[i]
			case "align_corners":
				if to[i] > 1 {
					v = v * float32(from[i]-1) / float32(to[i]-1)
				}
			default:
				return nil, fmt.Errorf("coordinate_transformation_mode %q", how)
			}
			out[i][k] = v
		}
	}
	return out, nil
}

// resampled replaces one axis by n elements, each read at its place.
func (t *Tensor) resampled(a, n int, at []float32, linear bool, round string) (*Tensor, error) {
	outer, old, inner := around(t.Shape, a)
	shape := append([]int(nil), t.Shape...)
	shape[a] = n
	out, err := blank(t.Type, shape)
	if err != nil {
		return nil, err
	}
	clampAt := func(i int) int { return min(max(i, 0), old-1) }
	for k, v := range at {
		lo, hi, share := 0, 0, float32(0)
		if linear {
			f := floor32(v)
			lo, hi, share = clampAt(int(f)), clampAt(int(f)+1), v-f
		} else {
			switch round {
			case "floor":
				v = floor32(v)
			case "ceil":
				v = ceil32(v)
			case "round_prefer_ceil":
				v = floor32(v + .5)
			default: // round_prefer_floor
				v = ceil32(v - .5)
			}
			lo = clampAt(int(v))
			hi = lo
		}
		for o := range outer {
			x, y := t.F[(o*old+lo)*inner:(o*old+lo+1)*inner], t.F[(o*old+hi)*inner:(o*old+hi+1)*inner]
			dst := out.F[(o*n+k)*inner : (o*n+k+1)*inner]
			for i := range dst {
				dst[i] = x[i] + share*(y[i]-x[i])
			}
		}
	}
	return out, nil
}
