package main

import (
	"cmp"
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strings"
)

// plotMap draws the communities as circles, each as large as it has items, nearer and joined by thicker lines the more edges run between
// them.
func plotMap(f communitiesFigure) template.HTML {
	const w, h = 920.0, 460.0
	circles := layout(f, w, h)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" role="img" aria-label="Map of communities">`, w, h)
	for _, t := range ties(f) {
		x, y := circles[t.a], circles[t.b]
		fmt.Fprintf(&b, `<line class="tie" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" style="stroke-width:%.1f;opacity:%.2f"><title>%s edges between %d and %d</title></line>`,
			x.x, x.y, y.x, y.y, 1+9*t.weight, .12+.45*t.weight, count(int64(t.edges)), t.a+1, t.b+1)
	}
	for i, c := range circles {
		m := f.List[i]
		fmt.Fprintf(&b, `<a href="#c%d"><circle cx="%.1f" cy="%.1f" r="%.1f" style="fill:%s"><title>%d: %s</title></circle>`,
			i+1, c.x, c.y, c.r, communityColour(i+1), i+1, html.EscapeString(m.name()+", "+plural(m.Items, "item")))
		switch name := shorten(m.name(), int(c.r/3.4)); {
		case c.r >= 24 && name != "":
			fmt.Fprintf(&b, `<text class="number" x="%.1f" y="%.1f">%d</text><text class="inside" x="%.1f" y="%.1f">%s</text>`, c.x, c.y-1, i+1, c.x, c.y+13, html.EscapeString(name))
		case c.r >= 8:
			fmt.Fprintf(&b, `<text class="number" x="%.1f" y="%.1f">%d</text>`, c.x, c.y+4.5, i+1)
		}
		b.WriteString("</a>")
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

type circle struct{ x, y, r float64 }

// tie is what runs between two communities; weight is relative to the strongest, and to what their sizes let expect.
type tie struct {
	a, b          int
	edges, weight float64
}

// ties are the strongest few of each community.
func ties(f communitiesFigure) []tie {
	var all []tie
	ends := make([]float64, len(f.between))
	for a, row := range f.between {
		for b, n := range row {
			ends[a] += n
			ends[b] += n
		}
	}
	top := 0.0
	for a, row := range f.between {
		for b, n := range row {
			if n > 0 {
				all = append(all, tie{a, b, n, n / math.Sqrt(ends[a]*ends[b])})
				top = max(top, all[len(all)-1].weight)
			}
		}
	}
	slices.SortStableFunc(all, func(x, y tie) int { return cmp.Compare(y.weight, x.weight) })
	had := make([]int, len(f.between))
	var kept []tie
	for _, t := range all {
		if t.weight /= top; had[t.a] < 4 || had[t.b] < 4 {
			had[t.a]++
			had[t.b]++
			kept = append(kept, t)
		}
	}
	return kept
}

// layout places circles by springs along the ties and pushes apart what overlaps (after Fruchterman and Reingold, 1991), from a
// spiral, so that the same communities give the same picture.
func layout(f communitiesFigure, w, h float64) []circle {
	n := len(f.List)
	c := make([]circle, n)
	top := 1
	for _, m := range f.List {
		top = max(top, m.Items)
	}
	area := 0.0
	for i, m := range f.List {
		angle, far := 2.4*float64(i), 30*math.Sqrt(float64(i))
		c[i] = circle{w/2 + 1.6*far*math.Cos(angle), h/2 + far*math.Sin(angle), 6 + 64*math.Sqrt(float64(m.Items)/float64(top))}
		area += c[i].r * c[i].r * math.Pi
	}
	if shrink := math.Sqrt(.3 * w * h / max(area, 1)); shrink < 1 {
		for i := range c {
			c[i].r *= shrink
		}
	}
	tied := ties(f)
	for round := range 600 {
		heat := 6 * (1 - float64(round)/600)
		move := make([][2]float64, n)
		push := func(i, j int, by float64) { // positive: apart
			dx, dy := c[i].x-c[j].x, c[i].y-c[j].y
			d := math.Hypot(dx, dy) + 1e-6
			move[i][0] += by * dx / d
			move[i][1] += by * dy / d
			move[j][0] -= by * dx / d
			move[j][1] -= by * dy / d
		}
		for i := range n {
			for j := range i {
				d := math.Hypot(c[i].x-c[j].x, c[i].y-c[j].y) + 1
				if push(i, j, 420/d); d < c[i].r+c[j].r+14 {
					push(i, j, (c[i].r+c[j].r+14-d)*.8)
				}
			}
			move[i][0] += (w/2 - c[i].x) * .02
			move[i][1] += (h/2 - c[i].y) * .05
		}
		for _, t := range tied {
			d := math.Hypot(c[t.a].x-c[t.b].x, c[t.a].y-c[t.b].y) - c[t.a].r - c[t.b].r
			push(t.a, t.b, -.09*t.weight*max(0, d-16))
		}
		for i := range c {
			by := math.Hypot(move[i][0], move[i][1]) + 1e-9
			step := min(by, heat)
			c[i].x = min(max(c[i].x+move[i][0]/by*step, c[i].r+4), w-c[i].r-4)
			c[i].y = min(max(c[i].y+move[i][1]/by*step, c[i].r+4), h-c[i].r-4)
		}
	}
	for range 200 { // what still overlaps
		for i := range n {
			for j := range i {
				dx, dy := c[i].x-c[j].x, c[i].y-c[j].y
				d := math.Hypot(dx, dy) + 1e-6
				if by := (c[i].r + c[j].r + 5 - d) / 2; by > 0 {
					c[i].x, c[i].y = c[i].x+by*dx/d, c[i].y+by*dy/d
					c[j].x, c[j].y = c[j].x-by*dx/d, c[j].y-by*dy/d
				}
			}
		}
		for i := range c {
			c[i].x, c[i].y = min(max(c[i].x, c[i].r+4), w-c[i].r-4), min(max(c[i].y, c[i].r+4), h-c[i].r-4)
		}
	}
	return c
}

// communityColour is that of the n-th, from 1: hues as far apart as they can be, whatever their number.
func communityColour(n int) string {
	return fmt.Sprintf("hsl(%.0f 46%% 52%%)", math.Mod(205+137.508*float64(n-1), 360))
}

// name is what a community is called: its commonest topics, or its first item.
func (m *community) name() string {
	if len(m.Topics) > 0 {
		name := m.Topics[0].Name
		if len(m.Topics) > 1 && m.Topics[0].Share < .6 && m.Topics[1].Share > .15 {
			name += " & " + m.Topics[1].Name
		}
		return name
	}
	if len(m.Top) > 0 {
		return "around " + m.Top[0].label()
	}
	return ""
}

func (x itemFigure) label() string { return cmp.Or(x.Title, x.ID) }

// shorten cuts a text to n letters; what would be too little is nothing.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	if n < 5 {
		return ""
	}
	return strings.TrimSpace(string(r[:n-1])) + "…"
}
