package query

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bowerbird"
)

// What people write about numbers: English, with the short words of German, French
// and Spanish.
const (
	money   = `(?:eur|euros?|€|usd|dollars?|bucks|\$|gbp|pounds?|quid|£|chf|sek|kr)`
	unit    = `(?:` + money + `|mm|cm|m|inch(?:es)?|"|in|kg|g|lbs?|ml|l|litres?|liters?|w|watts?|kw|v|volts?|hz|ghz|mhz|tb|gb|mb|mah|mp)`
	digits  = `(\d{1,9}(?:[.,]\d{1,3})?)`
	amount  = `(` + money + `)?\s?` + digits + `\s?(` + unit + `)?`
	closing = `(?:$|[\s,;.!?])`
)

var (
	reBetween = regexp.MustCompile(`(?i)(?:^|\s)(?:(?:between|from|zwischen|von|entre|de)\s+)?` + amount + `\s?(?:-|–|\s(?:and|to|und|bis|et|y|a|à)\s)\s?` + amount + closing)
	reBelow   = regexp.MustCompile(`(?i)(?:^|\s)(?:<=?|under|below|less than|cheaper than|smaller than|up to|at most|max|maximum|unter|bis|höchstens|moins de|menos de|hasta)\s?` + amount + closing)
	reAbove   = regexp.MustCompile(`(?i)(?:^|\s)(?:>=?|over|above|more than|larger than|bigger than|at least|min|minimum|über|mindestens|ab|plus de|más de|desde)\s?` + amount + closing)
	reWith    = regexp.MustCompile(`(?i)(?:^|\s)` + amount + closing)
	reCheap   = regexp.MustCompile(`(?i)(?:^|\s)(cheap|inexpensive|affordable|budget|bargain|low[- ]cost|günstig|billig|pas cher|barato)` + closing)
	reDear    = regexp.MustCompile(`(?i)(?:^|\s)(luxury|luxurious|expensive|high[- ]end|teuer|cher|caro|lujo)` + closing)
	reMoney   = regexp.MustCompile(`(?i)^` + money + `$`)
)

// fieldsOf tells by which names of attributes a unit is measured, the likeliest
// first. Facts, not exhaustive: an attribute of another name is not found.
var fieldsOf = map[string][]string{
	"cm": {"width", "height", "length", "depth", "diameter", "size"}, "mm": {"thickness", "width", "height", "length", "depth", "diameter"},
	"m": {"length", "width", "height"}, "inch": {"diagonal", "screen", "display", "size"},
	"kg": {"weight"}, "g": {"weight"}, "lb": {"weight"}, "ml": {"volume", "capacity"}, "l": {"volume", "capacity"},
	"w": {"power", "wattage", "watt"}, "kw": {"power"}, "v": {"voltage"}, "hz": {"rate", "frequency"}, "ghz": {"frequency", "clock"}, "mhz": {"frequency", "clock"},
	"tb": {"storage", "capacity", "disk", "drive", "hdd", "ssd"}, "gb": {"memory", "ram", "storage", "capacity", "disk", "drive", "hdd", "ssd"}, "mb": {"memory", "cache"},
	"mah": {"battery", "capacity"}, "mp": {"resolution", "megapixel"},
}

// measures reads bounds ("under 50 eur", "between 20 and 40", "at least 500 gb"),
// plain measures ("120 cm") and words for prices ("cheap"). A bound without a unit
// is taken for a price. The confidence is less where the catalogue's values of the
// attribute lie all on one side of the bound, and 0 where no item has it.
func (v *Understanding) measures(q string) []Suggest {
	var out []Suggest
	taken := func(lo, hi int) bool {
		return slices.ContainsFunc(out, func(s Suggest) bool { return lo < s.End && s.Start < hi })
	}
	for _, p := range []struct {
		re *regexp.Regexp
		op bowerbird.Op
	}{{reBetween, bowerbird.GreaterEq}, {reBelow, bowerbird.LessEq}, {reAbove, bowerbird.GreaterEq}, {reWith, bowerbird.In}} {
		for _, m := range p.re.FindAllStringSubmatchIndex(q, -1) {
			lo, hi := trim(q, m[0], m[1])
			if taken(lo, hi) {
				continue
			}
			n := number3(q, m)
			if len(m) > 8 { // between
				n2 := number3(q, m[6:])
				n.unit = cmp.Or(n.unit, n2.unit)
				out = append(out, v.bound(n, bowerbird.GreaterEq, lo, hi)...)
				out = append(out, v.bound(measure{n2.value, cmp.Or(n2.unit, n.unit)}, bowerbird.LessEq, lo, hi)...)
				continue
			}
			op := p.op
			if op != bowerbird.In && strings.HasPrefix(q[lo:hi], "<") && !strings.HasPrefix(q[lo:hi], "<=") {
				op = bowerbird.Less
			} else if strings.HasPrefix(q[lo:hi], ">") && !strings.HasPrefix(q[lo:hi], ">=") {
				op = bowerbird.Greater
			}
			if op == bowerbird.In && n.unit == "" {
				continue // "1984" is a title
			}
			out = append(out, v.bound(n, op, lo, hi)...)
		}
	}
	return append(out, v.priced(q)...)
}

// measure is a number with its unit, "" none.
type measure struct {
	value float64
	unit  string
}

// number3 reads the three groups of amount: money before, digits, unit.
func number3(q string, m []int) measure {
	at := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return strings.ToLower(q[m[2*i]:m[2*i+1]])
	}
	s := at(2)
	if i := strings.IndexByte(s, ','); i >= 0 && len(s)-i == 4 { // 1,000
		s = s[:i] + s[i+1:]
	}
	x, _ := strconv.ParseFloat(strings.ReplaceAll(s, ",", "."), 64)
	u := cmp.Or(at(3), at(1))
	switch {
	case u == `"` || u == "in" || strings.HasPrefix(u, "inch"):
		u = "inch"
	case strings.HasPrefix(u, "watt"):
		u = "w"
	case strings.HasPrefix(u, "volt"):
		u = "v"
	case strings.HasPrefix(u, "lit"):
		u = "l"
	case u == "lbs":
		u = "lb"
	}
	return measure{x, u}
}

// trim drops the spaces and the closing mark of a match.
func trim(q string, lo, hi int) (int, int) {
	s := q[lo:hi]
	return lo + len(s) - len(strings.TrimLeft(s, " \t\n\r\f")), hi - (len(s) - len(strings.TrimRight(s, " \t\n\r\f,;.!?")))
}

// bound makes the conditions of a number: for a price one, for a measure the
// likeliest attribute's.
func (v *Understanding) bound(n measure, op bowerbird.Op, lo, hi int) []Suggest {
	isMoney := reMoney.MatchString(n.unit)
	f := v.measured(n.unit, isMoney)
	if f == nil {
		return nil
	}
	// How sure: 1 with a currency, .8 for a unit that names an attribute, .6 for a bare bound.
	sure := .8
	switch {
	case isMoney:
		sure = 1
	case n.unit == "":
		sure = .6
	}
	if op == bowerbird.In {
		if isMoney {
			op = bowerbird.LessEq // "sofa 500 eur": no more than that
			sure = .4
		} else {
			near := f.below(n.value*1.05) - f.below(n.value/1.06)
			if near <= 0 {
				return nil
			}
			sure *= .75
			return []Suggest{
				{bowerbird.Condition{Field: f.name, Op: bowerbird.GreaterEq, Number: n.value}, lo, hi, sure},
				{bowerbird.Condition{Field: f.name, Op: bowerbird.LessEq, Number: n.value}, lo, hi, sure},
			}
		}
	}
	if share := f.below(n.value); share <= 0 || share >= 1 {
		sure /= 2
	}
	return []Suggest{{bowerbird.Condition{Field: f.name, Op: op, Number: n.value}, lo, hi, sure}}
}

// measured finds the numeric attribute of a unit: the one that most items have,
// among those of the likeliest name.
func (v *Understanding) measured(unit string, isMoney bool) *spread {
	names := fieldsOf[unit]
	if isMoney || unit == "" {
		names = []string{"price", "cost", "amount"}
	}
	for _, name := range names {
		var found *spread
		for i := range v.cat.fields {
			f := &v.cat.fields[i]
			if f.n > 0 && slices.Contains(fields(f.name), name) && (found == nil || f.n > found.n) {
				found = f
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

// priced reads words for low and high prices: the lowest third, the highest fifth.
func (v *Understanding) priced(q string) []Suggest {
	f := v.measured("", true)
	if f == nil {
		return nil
	}
	var out []Suggest
	for _, p := range []struct {
		re   *regexp.Regexp
		op   bowerbird.Op
		at   float64
		sure float64
	}{{reCheap, bowerbird.LessEq, 1. / 3, .5}, {reDear, bowerbird.GreaterEq, .8, .4}} {
		if m := p.re.FindStringSubmatchIndex(q); m != nil {
			n := math.Round(f.quantile(p.at)*100) / 100
			out = append(out, Suggest{bowerbird.Condition{Field: f.name, Op: p.op, Number: n}, m[2], m[3], p.sure})
		}
	}
	return out
}
