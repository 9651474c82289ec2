package main

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

//go:embed report.html
var reportHTML string

var reportPage = template.Must(template.New("report").Funcs(template.FuncMap{
	"count": func(n int) string { return count(n) }, "shareOf": shareOf, "colour": func(n int) template.CSS { return template.CSS(communityColour(n)) },
	"fixed": fixed, "big": count[int64], "inc": func(i int) int { return i + 1 },
	"round":  func(v float64) string { return count(int64(math.Round(v))) },
	"plural": func(n int, one string) string { return plural(n, one) }, "bar": func(part, whole float64) template.CSS {
		return template.CSS(fmt.Sprintf("width:%.1f%%", 100*part/max(whole, 1e-12)))
	},
	"degrees": plotDegrees, "lorenz": plotLorenz, "coreplot": plotCores, "focusplot": plotFocus, "map": plotMap,
	"wide": func(v float64) float64 { return v * 100 }, "people": people, "communities": communitiesOf,
}).Parse(reportHTML))

// pictureBytes is how much the page's pictures may weigh together.
const pictureBytes = 8 << 20

// page is the report as one HTML file.
func (r *graphReport) page(pictures map[int]template.CSS) ([]byte, error) {
	var b bytes.Buffer
	var style strings.Builder
	for _, id := range sortedPictures(pictures) {
		fmt.Fprintf(&style, ".p%d{background-image:%s}\n", id, pictures[id])
	}
	err := reportPage.Execute(&b, struct {
		*graphReport
		Pictures template.CSS
		Pictured bool
	}{r, template.CSS(style.String()), len(pictures) > 0})
	return b.Bytes(), err
}

func sortedPictures(m map[int]template.CSS) []int {
	ids := make([]int, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Picture is the number of the item, for the class of its picture.
func (x itemFigure) Picture() int { return x.picture }

// Label is the item's title, or its name.
func (x itemFigure) Label() string { return x.label() }

// Linked is how many nodes have edges.
func (d degreeFigure) Linked() int { return d.Stats.Nodes - d.Stats.Isolated }

// Name is what a community is called.
func (m community) Name() string { return m.name() }

// shown are the items that the page shows, each once.
func (r *graphReport) shown() (ids []int) {
	add := func(list ...itemFigure) {
		for _, x := range list {
			if !slices.Contains(ids, x.picture) {
				ids = append(ids, x.picture)
			}
		}
	}
	for _, c := range r.Communities.List {
		add(c.Top...)
	}
	for _, t := range r.Top {
		add(t.itemFigure)
	}
	for _, p := range r.Pairs {
		add(p.A, p.B)
	}
	add(r.Cores.Innermost...)
	return ids
}

var dataURI = regexp.MustCompile(`^data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]+$`)

// gather reads the pictures that the page shows: the small thumbnail, else the placeholder.
func (r *graphReport) gather(n *network, read func(id string) []byte) map[int]template.CSS {
	found, sum := map[int]template.CSS{}, 0
	for _, id := range r.shown() {
		p := n.items[id].picture
		if p == nil {
			continue
		}
		uri := ""
		if p.Small != "" {
			if b := read(p.Small); len(b) > 0 && sum+len(b) <= pictureBytes {
				if kind := http.DetectContentType(b); strings.HasPrefix(kind, "image/") {
					sum += len(b)
					uri = "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(b)
				}
			}
		}
		if uri == "" && dataURI.MatchString(p.Placeholder) {
			uri = p.Placeholder
		}
		if uri != "" {
			found[id] = template.CSS("url(" + uri + ")")
		}
	}
	return found
}

// fixed writes a number, or what points to one, with so many digits.
func fixed(digits int, v any) string {
	if p, ok := v.(*float64); ok {
		v = *p
	}
	return fmt.Sprintf("%.*f", digits, v)
}

// shareOf is a share in words: whole per cents where that says enough.
func shareOf(v float64) string {
	switch {
	case v >= .9995 || v == 0:
		return fmt.Sprintf("%.0f\u00a0%%", 100*v)
	case v > .99 || v < .1:
		return fmt.Sprintf("%.1f\u00a0%%", 100*v)
	}
	return fmt.Sprintf("%.0f\u00a0%%", 100*v)
}

func communitiesOf(n int) string {
	if n == 1 {
		return "1 community"
	}
	return count(n) + " communities"
}
