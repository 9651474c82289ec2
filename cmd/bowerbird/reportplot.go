package main

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strings"
)

// plot draws one figure as SVG, in the page's own colours: no library, no script.
type plot struct {
	b            strings.Builder
	w, h         float64 // of the whole figure
	left, bottom float64 // room for the axes
	x0, x1       float64 // range of data
	y0, y1       float64
	logX, logY   bool
}

func newPlot(w, h float64, title string) *plot {
	p := &plot{w: w, h: h, left: 52, bottom: 38}
	fmt.Fprintf(&p.b, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, w, h, html.EscapeString(title))
	return p
}

const plotTop, plotRight = 12, 24

func scale(v, low, high float64, log bool) float64 {
	if log {
		v, low, high = math.Log10(v), math.Log10(low), math.Log10(high)
	}
	return (v - low) / max(high-low, 1e-12)
}

func (p *plot) x(v float64) float64 {
	return p.left + (p.w-p.left-plotRight)*scale(v, p.x0, p.x1, p.logX)
}

func (p *plot) y(v float64) float64 {
	return p.h - p.bottom - (p.h-p.bottom-plotTop)*scale(v, p.y0, p.y1, p.logY)
}

// axes draws ticks, grid and names.
func (p *plot) axes(nameX, nameY string, labelX, labelY func(float64) string) {
	for _, v := range ticks(p.x0, p.x1, p.logX) {
		fmt.Fprintf(&p.b, `<line class="grid" x1="%.1f" y1="%d" x2="%.1f" y2="%.1f"/><text class="tick" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`,
			p.x(v), plotTop, p.x(v), p.h-p.bottom, p.x(v), p.h-p.bottom+14, labelX(v))
	}
	for _, v := range ticks(p.y0, p.y1, p.logY) {
		fmt.Fprintf(&p.b, `<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/><text class="tick" x="%.1f" y="%.1f" text-anchor="end">%s</text>`,
			p.left, p.y(v), p.w-plotRight, p.y(v), p.left-6, p.y(v)+3.5, labelY(v))
	}
	fmt.Fprintf(&p.b, `<text class="axis" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, (p.left+p.w-plotRight)/2, p.h-6, html.EscapeString(nameX))
	fmt.Fprintf(&p.b, `<text class="axis" transform="translate(11 %.1f) rotate(-90)" text-anchor="middle">%s</text>`, (p.h-p.bottom+plotTop)/2, html.EscapeString(nameY))
}

// ticks are round numbers: by powers of ten, or about five even steps.
func ticks(low, high float64, log bool) (list []float64) {
	if log {
		between := []float64{1}
		if high/low < 1e3 {
			between = []float64{1, 2, 5}
		}
		for e := math.Floor(math.Log10(low)); e <= math.Log10(high); e++ {
			for _, k := range between {
				if v := k * math.Pow(10, e); v >= low*(1-1e-9) && v <= high*(1+1e-9) {
					list = append(list, v)
				}
			}
		}
		return list
	}
	step := math.Pow(10, math.Floor(math.Log10((high-low)/5)))
	for _, k := range []float64{1, 2, 5, 10} {
		if (high-low)/(k*step) <= 6 {
			step *= k
			break
		}
	}
	for v := math.Ceil(low/step)*step + 0; v <= high+step/1e6; v += step { // + 0: -0 is 0
		list = append(list, v)
	}
	return list
}

// line draws points joined in class and colour.
func (p *plot) line(class, colour string, points [][2]float64) {
	var d strings.Builder
	for i, q := range points {
		fmt.Fprintf(&d, "%c%.1f %.1f", "ML"[min(i, 1)], p.x(q[0]), p.y(q[1]))
	}
	fmt.Fprintf(&p.b, `<path class="%s" style="stroke:%s" d="%s"/>`, class, colour, d.String())
}

func (p *plot) bar(low, high, v float64, colour, tip string) {
	fmt.Fprintf(&p.b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="1.5" style="fill:%s"><title>%s</title></rect>`,
		p.x(low)+.75, p.y(v), max(1, p.x(high)-p.x(low)-1.5), max(0, p.y(p.y0)-p.y(v)), colour, html.EscapeString(tip))
}

func (p *plot) done() template.HTML {
	p.b.WriteString("</svg>")
	return template.HTML(p.b.String())
}

func plain(v float64) string {
	if v >= 1e6 {
		return fmt.Sprintf("%g M", v/1e6)
	}
	if v >= 1 || v == 0 {
		return count(int64(math.Round(v)))
	}
	return fmt.Sprintf("%.3g", v)
}

func plainShare(v float64) string { return fmt.Sprintf("%.3g %%", 100*v) }

func kindColour(of string) string { return "var(--" + of + ")" }

// plotDegrees is the share of nodes with a degree or more, both axes by powers of ten, with the fitted law dashed.
func plotDegrees(all []degreeFigure) template.HTML {
	p := newPlot(560, 330, "Share of nodes with a number of edges or more")
	p.x0, p.x1, p.y0, p.y1, p.logX, p.logY = 1, 10, 1, 1, true, true
	for _, d := range all {
		p.x1 = max(p.x1, float64(d.Stats.Max))
		p.y0 = min(p.y0, 1/float64(d.Stats.Nodes-d.Stats.Isolated))
	}
	p.y0 = min(p.y0, .1)
	p.axes("edges of a node", "share with so many or more", plain, plainShare)
	for _, d := range all {
		left := float64(d.Stats.Nodes - d.Stats.Isolated)
		total, tail := left, 0.0
		var points [][2]float64
		for k, n := range d.counts {
			if n == 0 {
				continue
			}
			if d.PowerLaw != nil && k == d.PowerLaw.Min {
				tail = left / total
			}
			if q := [2]float64{float64(k), left / total}; len(points) == 0 || p.x(q[0])-p.x(points[len(points)-1][0]) > .7 || left == float64(n) {
				points = append(points, q)
			}
			left -= float64(n)
		}
		p.line("curve", kindColour(d.Of), points)
		if f := d.PowerLaw; f != nil && tail > 0 {
			var law [][2]float64
			for i := range 25 {
				k := float64(f.Min) * math.Pow(float64(d.Stats.Max)/float64(f.Min), float64(i)/24)
				if y := tail * f.law.Survival(int(k)); y >= p.y0 {
					law = append(law, [2]float64{k, y})
				}
			}
			p.line("law", kindColour(d.Of), law)
		}
	}
	return p.done()
}

// plotLorenz is which share of the edges the busiest nodes hold.
func plotLorenz(all []degreeFigure) template.HTML {
	p := newPlot(330, 330, "Share of edges that the busiest nodes hold")
	p.x1, p.y1 = 1, 1
	p.axes("busiest share of nodes", "share of edges", plainShare, plainShare)
	p.line("even", "currentColor", [][2]float64{{0, 0}, {1, 1}})
	for _, d := range all {
		nodes, edges := float64(d.Stats.Nodes-d.Stats.Isolated), 0.0
		for k, n := range d.counts {
			edges += float64(k) * float64(n)
		}
		points, x, y := [][2]float64{{0, 0}}, 0.0, 0.0
		for k := len(d.counts) - 1; k > 0; k-- {
			if d.counts[k] > 0 {
				x += float64(d.counts[k]) / nodes
				y += float64(k) * float64(d.counts[k]) / edges
				if last := points[len(points)-1]; x-last[0] > .002 || y-last[1] > .002 || k == 1 {
					points = append(points, [2]float64{x, min(y, 1)})
				}
			}
		}
		p.line("curve", kindColour(d.Of), points)
	}
	return p.done()
}

// plotCores is how many items lie how deep.
func plotCores(c coreFigure) template.HTML {
	p := newPlot(930, 250, "Items by core number")
	wide := (c.Deepest + 40) / 40 // core numbers in a bar
	bins := make([]float64, c.Deepest/wide+1)
	for k, n := range c.Items {
		bins[k/wide] += float64(n)
	}
	p.x0, p.x1, p.y1 = -.5, float64(len(bins)*wide)-.5, slices.Max(bins)*1.05
	p.axes("core number", "items", plain, plain)
	for i, n := range bins {
		name := fmt.Sprint(i * wide)
		if wide > 1 {
			name = fmt.Sprintf("%d to %d", i*wide, (i+1)*wide-1)
		}
		p.bar(float64(i*wide)-.5, float64((i+1)*wide)-.5, n, "var(--items)", fmt.Sprintf("core number %s: %s", name, plural(int(n), "item")))
	}
	return p.done()
}

// plotFocus is how many boards are how mixed.
func plotFocus(f *focusFigure) template.HTML {
	p := newPlot(930, 250, "Boards by entropy")
	top := slices.Max(f.bits)
	wide := .25
	if top > 6 {
		wide = .5
	}
	bins := make([]float64, int(top/wide)+1)
	for _, b := range f.bits {
		bins[int(b/wide)]++
	}
	p.x1, p.y1 = float64(len(bins))*wide, slices.Max(bins)*1.05
	p.axes("bits: 0 is one subject only, 1 is two in equal parts, 2 is four …", "boards", func(v float64) string { return fmt.Sprintf("%.3g", v) }, plain)
	for i, n := range bins {
		p.bar(float64(i)*wide, float64(i+1)*wide, n, "var(--boards)", fmt.Sprintf("%.3g to %.3g bits: %s", float64(i)*wide, float64(i+1)*wide, plural(int(n), "board")))
	}
	return p.done()
}
