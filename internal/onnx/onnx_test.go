package onnx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// apply runs one operator on inputs; a nil one is left out.
func apply(t testing.TB, op string, opset int64, attrs map[string]attr, in ...*Tensor) ([]*Tensor, error) {
	t.Helper()
	g := graphOf{opset: opset, out: []string{"y"}}
	n := nodeProto{op: op, out: []string{"y"}, attrs: attrs}
	feed := map[string]*Tensor{}
	for i, x := range in {
		if x == nil {
			n.in = append(n.in, "")
			continue
		}
		name := fmt.Sprint("x", i)
		n.in = append(n.in, name)
		g.in = append(g.in, Port{Name: name, Type: x.Type})
		feed[name] = x
	}
	g.nodes = []nodeProto{n}
	m, err := Read(g.bytes(), Options{Threads: 2})
	if err != nil {
		return nil, err
	}
	out, err := m.Run(context.Background(), feed)
	if err != nil {
		return nil, err
	}
	return []*Tensor{out["y"]}, nil
}

func ints(v ...int64) attr { return attr{ints: v} }

// TestOperators holds single operators to values worked out by hand from the specification.
func TestOperators(t *testing.T) {
	x23 := Floats([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	i4 := Ints([]int64{10, 20, 30, 40}, 4)
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		name  string
		op    string
		opset int64
		attrs map[string]attr
		in    []*Tensor
		want  *Tensor
	}{
		{"broadcast", "Add", 0, nil, []*Tensor{x23, Floats([]float32{10, 20}, 2, 1)}, Floats([]float32{11, 12, 13, 24, 25, 26}, 2, 3)},
		{"broadcast both", "Sub", 0, nil, []*Tensor{Floats([]float32{1, 2}, 2, 1), Floats([]float32{1, 2, 3}, 3)}, Floats([]float32{0, -1, -2, 1, 0, -1}, 2, 3)},
		{"scalar", "Mul", 0, nil, []*Tensor{x23, Floats([]float32{2})}, Floats([]float32{2, 4, 6, 8, 10, 12}, 2, 3)},
		{"integers", "Div", 0, nil, []*Tensor{i4, Ints([]int64{7})}, Ints([]int64{1, 2, 4, 5}, 4)},
		{"compare", "Less", 0, nil, []*Tensor{i4, Ints([]int64{25})}, &Tensor{Type: Bool, Shape: []int{4}, I: []int64{1, 1, 0, 0}}},
		{"where", "Where", 0, nil, []*Tensor{{Type: Bool, Shape: []int{3}, I: []int64{1, 0, 1}}, x23, Floats([]float32{0})}, Floats([]float32{1, 0, 3, 4, 0, 6}, 2, 3)},
		{"transpose", "Transpose", 0, nil, []*Tensor{x23}, Floats([]float32{1, 4, 2, 5, 3, 6}, 3, 2)},
		{"reshape", "Reshape", 0, nil, []*Tensor{x23, Ints([]int64{0, -1, 1}, 3)}, Floats(x23.F, 2, 3, 1)},
		{"slice back", "Slice", 0, nil, []*Tensor{i4, Ints([]int64{-1}, 1), Ints([]int64{math.MinInt64}, 1), Ints([]int64{0}, 1), Ints([]int64{-2}, 1)}, Ints([]int64{40, 20}, 2)},
		{"slice past the end", "Slice", 0, nil, []*Tensor{i4, Ints([]int64{2}, 1), Ints([]int64{math.MaxInt64}, 1)}, Ints([]int64{30, 40}, 2)},
		{"slice as attributes", "Slice", 9, map[string]attr{"starts": ints(1), "ends": ints(3), "axes": ints(1)}, []*Tensor{x23}, Floats([]float32{2, 3, 5, 6}, 2, 2)},
		{"gather", "Gather", 0, map[string]attr{"axis": {i: 1}}, []*Tensor{x23, Ints([]int64{2, -3}, 2)}, Floats([]float32{3, 1, 6, 4}, 2, 2)},
		{"gather one", "Gather", 0, nil, []*Tensor{i4, Ints([]int64{1})}, Ints([]int64{20})},
		{"gather elements", "GatherElements", 0, map[string]attr{"axis": {i: 1}}, []*Tensor{x23, Ints([]int64{0, 0, 2, 1}, 2, 2)}, Floats([]float32{1, 1, 6, 5}, 2, 2)},
		{"expand", "Expand", 0, nil, []*Tensor{Ints([]int64{1, 2}, 2, 1), Ints([]int64{2, 1, 2}, 3)}, Ints([]int64{1, 1, 2, 2, 1, 1, 2, 2}, 2, 2, 2)},
		{"tile", "Tile", 0, nil, []*Tensor{Ints([]int64{1, 2}, 1, 2), Ints([]int64{2, 2}, 2)}, Ints([]int64{1, 2, 1, 2, 1, 2, 1, 2}, 2, 4)},
		{"concat", "Concat", 0, map[string]attr{"axis": {i: -1}}, []*Tensor{x23, Floats([]float32{7, 8}, 2, 1)}, Floats([]float32{1, 2, 3, 7, 4, 5, 6, 8}, 2, 4)},
		{"mean", "ReduceMean", 0, map[string]attr{"axes": ints(-1)}, []*Tensor{x23}, Floats([]float32{2, 5}, 2, 1)},
		{"sum of the outer", "ReduceSum", 0, map[string]attr{"keepdims": {i: 0}}, []*Tensor{x23, Ints([]int64{0}, 1)}, Floats([]float32{5, 7, 9}, 3)},
		{"max of all", "ReduceMax", 0, map[string]attr{"keepdims": {i: 0}}, []*Tensor{x23}, Floats([]float32{6})},
		{"argmax", "ArgMax", 0, map[string]attr{"axis": {i: 1}, "keepdims": {i: 0}}, []*Tensor{Floats([]float32{1, 3, 3, 9, 2, 1}, 2, 3)}, Ints([]int64{1, 0}, 2)},
		{"softmax of what cannot be", "Softmax", 0, nil, []*Tensor{Floats([]float32{-inf, 0}, 2)}, Floats([]float32{0, 1}, 2)},
		{"softmax before 13", "Softmax", 11, nil, []*Tensor{Floats([]float32{0, 0, 0, 0}, 1, 2, 2)}, Floats([]float32{.25, .25, .25, .25}, 1, 2, 2)},
		{"layer norm", "LayerNormalization", 0, map[string]attr{"epsilon": {f: 1e-12}}, []*Tensor{Floats([]float32{1, 3}, 1, 2), Floats([]float32{2, 2}, 2), Floats([]float32{0, 1}, 2)}, Floats([]float32{-2, 3}, 1, 2)},
		{"one-hot", "OneHot", 0, nil, []*Tensor{Ints([]int64{1, -1}, 2), Ints([]int64{3}), Floats([]float32{0, 5}, 2)}, Floats([]float32{0, 5, 0, 0, 0, 5}, 2, 3)},
		{"depth to space", "DepthToSpace", 0, map[string]attr{"blocksize": {i: 2}}, []*Tensor{Floats([]float32{1, 2, 3, 4}, 1, 4, 1, 1)}, Floats([]float32{1, 2, 3, 4}, 1, 1, 2, 2)},
		{"pad", "Pad", 0, map[string]attr{"mode": {s: "reflect"}}, []*Tensor{Floats([]float32{1, 2, 3}, 3), Ints([]int64{2, 1}, 2)}, Floats([]float32{3, 2, 1, 2, 3, 2}, 6)},
		{"nearest", "Resize", 0, map[string]attr{"mode": {s: "nearest"}, "coordinate_transformation_mode": {s: "asymmetric"}, "nearest_mode": {s: "floor"}}, []*Tensor{Floats([]float32{1, 2}, 2), nil, Floats([]float32{2}, 1)}, Floats([]float32{1, 1, 2, 2}, 4)},
		{"linear", "Resize", 0, map[string]attr{"mode": {s: "linear"}}, []*Tensor{Floats([]float32{0, 4}, 2), nil, nil, Ints([]int64{4}, 1)}, Floats([]float32{0, 1, 3, 4}, 4)},
		{"max pool", "MaxPool", 0, map[string]attr{"kernel_shape": ints(2, 2), "strides": ints(1, 1)}, []*Tensor{Floats(x23.F, 1, 1, 2, 3)}, Floats([]float32{5, 6}, 1, 1, 1, 2)},
		{"average with padding", "AveragePool", 0, map[string]attr{"kernel_shape": ints(2, 2), "strides": ints(2, 2), "pads": ints(0, 1, 0, 0)}, []*Tensor{Floats(x23.F, 1, 1, 2, 3)}, Floats([]float32{2.5, 4}, 1, 1, 1, 2)},
		{"gemm", "Gemm", 0, map[string]attr{"transB": {i: 1}, "alpha": {f: 2}}, []*Tensor{x23, x23, Floats([]float32{1, 0}, 2)}, Floats([]float32{29, 64, 65, 154}, 2, 2)},
		{"cast", "Cast", 0, map[string]attr{"to": {i: int64(Int64)}}, []*Tensor{Floats([]float32{1.9, -1.9}, 2)}, Ints([]int64{1, -1}, 2)},
		{"range", "Range", 0, nil, []*Tensor{Ints([]int64{5}), Ints([]int64{0}), Ints([]int64{-2})}, Ints([]int64{5, 3, 1}, 3)},
		{"clip", "Clip", 0, nil, []*Tensor{x23, Floats([]float32{2}), Floats([]float32{5})}, Floats([]float32{2, 2, 3, 4, 5, 5}, 2, 3)},
		{"cumulated", "CumSum", 0, nil, []*Tensor{x23, Ints([]int64{1})}, Floats([]float32{1, 3, 6, 4, 9, 15}, 2, 3)},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := apply(t, c.op, c.opset, c.attrs, c.in...)
			if err != nil {
				t.Fatal(err)
			}
			got := out[0]
			if !slices.Equal(got.Shape, c.want.Shape) || got.Type != c.want.Type || !slices.Equal(got.I, c.want.I) || !near(got.F, c.want.F, 1e-6) {
				t.Errorf("got %v %v %v %v, want %v %v %v %v", got.Type, got.Shape, got.F, got.I, c.want.Type, c.want.Shape, c.want.F, c.want.I)
			}
		})
	}
}

func near(a, b []float32, eps float64) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) <= eps*max(1, math.Abs(float64(y))) })
}

// TestFunctions holds the fast functions to those of the standard library.
func TestFunctions(t *testing.T) {
	for x := -90.; x < 90; x += .0137 {
		v := float32(x)
		if want := math.Erf(float64(v)); math.Abs(float64(erf32(v))-want) > 5e-7 {
			t.Fatalf("erf(%v) = %v, want %v", v, erf32(v), want)
		}
		if want := math.Tanh(float64(v)); math.Abs(float64(tanh32(v))-want) > 3e-7 {
			t.Fatalf("tanh(%v) = %v, want %v", v, tanh32(v), want)
		}
		if want := 1 / (1 + math.Exp(-float64(v))); math.Abs(float64(sigmoid(v))-want) > 3e-7 {
			t.Fatalf("sigmoid(%v) = %v, want %v", v, sigmoid(v), want)
		}
	}
}

// TestMatMul compares products of any ranks with three loops.
func TestMatMul(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range [][2][]int{{{5}, {5}}, {{3, 5}, {5}}, {{5}, {5, 2}}, {{40, 33}, {33, 70}}, {{2, 3, 4, 5}, {5, 6}}, {{2, 3, 4, 5}, {3, 5, 6}}, {{2, 1, 4, 5}, {1, 3, 5, 6}}, {{4, 5}, {2, 5, 3}}} {
		a, b := random(r, s[0]), random(r, s[1])
		out, err := apply(t, "MatMul", 0, nil, a, b)
		if err != nil {
			t.Fatalf("%v %v: %v", s[0], s[1], err)
		}
		want := plainMatMul(t, a, b)
		if !slices.Equal(out[0].Shape, want.Shape) || !near(out[0].F, want.F, 1e-5) {
			t.Errorf("%v × %v: got %v, want %v", s[0], s[1], out[0].Shape, want.Shape)
		}
	}
}

func random(r *rand.Rand, shape []int) *Tensor {
	t, err := blank(Float32, shape)
	if err != nil {
		panic(err)
	}
	for i := range t.F {
		t.F[i] = float32(r.NormFloat64())
	}
	return t
}

// plainMatMul is the plain twin of matMul, by index.
func plainMatMul(t *testing.T, a, b *Tensor) *Tensor {
	as, bs := a.Shape, b.Shape
	if len(as) == 1 {
		as = []int{1, as[0]}
	}
	if len(bs) == 1 {
		bs = []int{bs[0], 1}
	}
	m, k, n := as[len(as)-2], as[len(as)-1], bs[len(bs)-1]
	batch, err := broadcast(as[:len(as)-2], bs[:len(bs)-2])
	if err != nil {
		t.Fatal(err)
	}
	shape := slices.Clone(batch)
	if a.rank() > 1 {
		shape = append(shape, m)
	}
	if b.rank() > 1 {
		shape = append(shape, n)
	}
	out, _ := blank(Float32, shape)
	total, _ := count(batch)
	sa := (&Tensor{Shape: as[:len(as)-2]}).steps(batch)
	sb := (&Tensor{Shape: bs[:len(bs)-2]}).steps(batch)
	for p := range total {
		x, y, rest := 0, 0, p
		for d := len(batch) - 1; d >= 0; d-- {
			x, y, rest = x+rest%batch[d]*sa[d], y+rest%batch[d]*sb[d], rest/batch[d]
		}
		for i := range m {
			for j := range n {
				var s float64
				for q := range k {
					s += float64(a.F[x*m*k+i*k+q]) * float64(b.F[y*k*n+q*n+j])
				}
				out.F[p*m*n+i*n+j] = float32(s)
			}
		}
	}
	return out
}

// TestConv compares convolutions with seven loops.
func TestConv(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for i := range 60 {
		groups := 1 + r.IntN(3)
		ic, og := 1+r.IntN(3), 1+r.IntN(3)
		h, w := 3+r.IntN(9), 3+r.IntN(9)
		kh, kw := 1+r.IntN(3), 1+r.IntN(3)
		win := []int64{int64(1 + r.IntN(2)), int64(1 + r.IntN(2))}
		dil := []int64{int64(1 + r.IntN(2)), int64(1 + r.IntN(2))}
		pads := []int64{int64(r.IntN(3)), int64(r.IntN(3)), int64(r.IntN(3)), int64(r.IntN(3))}
		if i%5 == 0 {
			kh, kw, win, dil, pads = 1, 1, []int64{1, 1}, []int64{1, 1}, []int64{0, 0, 0, 0}
		}
		x, k, b := random(r, []int{2, groups * ic, h, w}), random(r, []int{groups * og, ic, kh, kw}), random(r, []int{groups * og})
		out, err := apply(t, "Conv", 0, map[string]attr{"group": {i: int64(groups)}, "strides": {ints: win}, "dilations": {ints: dil}, "pads": {ints: pads}}, x, k, b)
		fits := h+int(pads[0]+pads[2]) >= (kh-1)*int(dil[0])+1 && w+int(pads[1]+pads[3]) >= (kw-1)*int(dil[1])+1
		if !fits {
			if err == nil {
				t.Errorf("a kernel larger than the plane was run")
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		oh := (h+int(pads[0]+pads[2])-(kh-1)*int(dil[0])-1)/int(win[0]) + 1
		ow := (w+int(pads[1]+pads[3])-(kw-1)*int(dil[1])-1)/int(win[1]) + 1
		want, _ := blank(Float32, []int{2, groups * og, oh, ow})
		for p := range want.F {
			xo, y, o, n := p%ow, p/ow%oh, p/(ow*oh)%(groups*og), p/(ow*oh*groups*og)
			s := float64(b.F[o])
			for q := range ic {
				for ky := range kh {
					for kx := range kw {
						sy, sx := y*int(win[0])+ky*int(dil[0])-int(pads[0]), xo*int(win[1])+kx*int(dil[1])-int(pads[1])
						if sy >= 0 && sy < h && sx >= 0 && sx < w {
							s += float64(x.F[((n*groups*ic+o/og*ic+q)*h+sy)*w+sx]) * float64(k.F[((o*ic+q)*kh+ky)*kw+kx])
						}
					}
				}
			}
			want.F[p] = float32(s)
		}
		if !slices.Equal(out[0].Shape, want.Shape) || !near(out[0].F, want.F, 1e-5) {
			t.Fatalf("%v by %v, groups %d, strides %v, dilations %v, pads %v: differs", x.Shape, k.Shape, groups, win, dil, pads)
		}
	}
}

// TestBadModels wants an error that names what is wrong.
func TestBadModels(t *testing.T) {
	x := Port{Name: "x", Type: Float32, Shape: []int{-1, 2}}
	for _, c := range []struct {
		name, want string
		g          graphOf
	}{
		{"operator", "operators that are not known: Frobnicate, Loop", graphOf{in: []Port{x}, out: []string{"y"}, nodes: []nodeProto{
			{op: "Loop", in: []string{"x"}, out: []string{"z"}}, {op: "Frobnicate", in: []string{"x"}, out: []string{"y"}}}}},
		{"value", `reads "z", which nothing before it makes`, graphOf{in: []Port{x}, out: []string{"y"}, nodes: []nodeProto{{op: "Relu", in: []string{"z"}, out: []string{"y"}}}}},
		{"output", `nothing makes the output "y"`, graphOf{in: []Port{x}, out: []string{"y"}}},
		{"twice", `a second time`, graphOf{in: []Port{x}, out: []string{"y"}, nodes: []nodeProto{{op: "Relu", in: []string{"x"}, out: []string{"x"}}}}},
		{"weight", `weight "w": 1 floats do not fill the shape [5]`, graphOf{in: []Port{x}, out: []string{"x"}, weights: map[string]*Tensor{"w": Floats([]float32{1}, 5)}}},
		{"huge", "more than", graphOf{in: []Port{x}, out: []string{"y"}, weights: map[string]*Tensor{"s": Ints([]int64{1 << 30, 1 << 30}, 2)},
			nodes: []nodeProto{{op: "ConstantOfShape", in: []string{"s"}, out: []string{"y"}}}}},
	} {
		_, err := Read(c.g.bytes(), Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	for _, b := range [][]byte{nil, []byte("not a model"), {0xff, 0xff}} {
		if _, err := Read(b, Options{}); err == nil {
			t.Errorf("%q was read", b)
		}
	}
}

// TestBadInputs wants an error that names the input, and a stop when asked.
// TestOpset holds that both names of the default domain mean it: softmax changed its sense with opset 13.
func TestOpset(t *testing.T) {
	g := graphOf{in: []Port{{Name: "x", Type: Float32}}, out: []string{"y"},
		nodes: []nodeProto{{op: "Softmax", in: []string{"x"}, out: []string{"y"}, attrs: map[string]attr{"axis": {i: 0}}}}}
	b := g.bytes()
	i := bytes.LastIndex(b, number(nil, 2, 17))
	b = message(b[:i-2], 8, append(words(nil, 1, "ai.onnx"), b[i:]...)) // b[i-2:] is the import's tag and length
	m, err := Read(b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := m.Run(context.Background(), map[string]*Tensor{"x": Floats([]float32{0, 0, 0, 0}, 2, 2)})
	if err != nil || !slices.Equal(out["y"].F, []float32{.5, .5, .5, .5}) {
		t.Errorf("got %v, %v: want each column to sum to 1", out["y"], err)
	}
}

// TestFoldBounded holds that constants computed while a model is read have a bound in all.
func TestFoldBounded(t *testing.T) {
	g := graphOf{weights: map[string]*Tensor{"n": Ints([]int64{1000}, 1)}, out: []string{"c3"}}
	for i := range 4 {
		g.nodes = append(g.nodes, nodeProto{op: "ConstantOfShape", in: []string{"n"}, out: []string{fmt.Sprint("c", i)}})
	}
	p, err := parseModel(g.bytes())
	if err != nil {
		t.Fatal(err)
	}
	for most, want := range map[int]bool{4000: true, 3999: false} {
		m := &Model{threads: 1, consts: maps.Clone(p.graph.weights), last: map[string]int{}}
		if err := m.link(p); err != nil {
			t.Fatal(err)
		}
		if err := m.fold(most); (err == nil) != want {
			t.Errorf("4,000 elements where %d may be: %v", most, err)
		}
	}
}

// TestRefused holds what operators do not do to an error that says so.
func TestRefused(t *testing.T) {
	plane := Floats(make([]float32, 16), 1, 1, 4, 4)
	for _, c := range []struct {
		op    string
		attrs map[string]attr
		in    []*Tensor
		want  string
	}{
		{"Not", nil, []*Tensor{Floats([]float32{1}, 1)}, "wants truth values"},
		{"MaxPool", map[string]attr{"kernel_shape": ints(1<<62+1, 1), "dilations": ints(4, 1)}, []*Tensor{plane}, "kernel"},
		{"Range", nil, []*Tensor{Ints([]int64{0}), Ints([]int64{1 << 40}), Ints([]int64{1})}, "from 0 to"},
		{"Range", nil, []*Tensor{Ints([]int64{0}), Ints([]int64{math.MaxInt64}), Ints([]int64{math.MaxInt64 - 1})}, "from 0 to"},
		{"Range", nil, []*Tensor{Floats([]float32{0}), Floats([]float32{1}), Floats([]float32{0})}, "from 0 to 1 by 0"},
		{"ReduceSum", nil, []*Tensor{Ints([]int64{1 << 24, 1 << 24}, 2)}, "too large"},
	} {
		if _, err := apply(t, c.op, 12, c.attrs, c.in...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.op, err, c.want)
		}
	}
}

func TestBadInputs(t *testing.T) {
	m, err := Read(graphOf{in: []Port{{Name: "x", Type: Float32, Shape: []int{-1, 2}}}, out: []string{"y"}, nodes: []nodeProto{{op: "Relu", in: []string{"x"}, out: []string{"y"}}}}.bytes(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want string
		in   *Tensor
	}{
		{"is missing", nil},
		{"want the shape [-1 2]", Floats([]float32{1, 2, 3}, 1, 3)},
		{"want float32, got int64", Ints([]int64{1, 2}, 1, 2)},
		{"do not fill", Floats([]float32{1}, 1, 2)},
	} {
		in := map[string]*Tensor{}
		if c.in != nil {
			in["x"] = c.in
		}
		if _, err := m.Run(context.Background(), in); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `"x"`) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Run(ctx, map[string]*Tensor{"x": Floats([]float32{1, 2}, 1, 2)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// FuzzRead reads altered models, and runs those that are still models.
func FuzzRead(f *testing.F) {
	g := graphOf{in: []Port{{Name: "x", Type: Float32, Shape: []int{1, 2, 4, 4}}}, out: []string{"p"}, weights: map[string]*Tensor{
		"w": Floats(make([]float32, 16), 2, 2, 2, 2), "s": Ints([]int64{1, -1}, 2)},
		nodes: []nodeProto{
			{op: "Conv", in: []string{"x", "w"}, out: []string{"y"}, attrs: map[string]attr{"pads": ints(1, 0, 1, 0)}},
			{op: "MaxPool", in: []string{"y"}, out: []string{"z"}, attrs: map[string]attr{"kernel_shape": ints(2, 2)}},
			{op: "Reshape", in: []string{"z", "s"}, out: []string{"r"}},
			{op: "Softmax", in: []string{"r"}, out: []string{"p"}},
		}}
	f.Add(g.bytes())
	r := rand.New(rand.NewPCG(3, 3))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Read(b, Options{Threads: 1})
		if err != nil {
			return
		}
		for _, p := range m.Inputs() {
			if n, err := count(p.Shape); err == nil && n > 1<<16 {
				return
			}
		}
		in := map[string]*Tensor{}
		for _, p := range m.Inputs() {
			if p.Type.width() == 0 {
				return
			}
			shape := slices.Clone(p.Shape)
			for i := range shape {
				shape[i] = max(shape[i], 1)
			}
			x, err := blank(p.Type, shape)
			if err != nil {
				return
			}
			for i := range x.F {
				x.F[i] = float32(r.NormFloat64())
			}
			in[p.Name] = x
		}
		_, _ = m.Run(context.Background(), in)
	})
}
