package browsetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"bowerbird"
)

const (
	results = `document.querySelector('[data-testid="wall"] [data-testid="tile"]') && !document.querySelector('.stale')`
	total   = `parseInt((document.querySelector('[data-testid="total"]')?.textContent ?? '').replace(/\D/g, ''), 10)`
	chips   = `document.querySelectorAll('[data-testid="filter-on"]').length`
)

// query is a parameter of the page's address.
func (v *visit) query(name string) []string {
	v.t.Helper()
	return ask[[]string](v.browser, fmt.Sprintf(`new URLSearchParams(location.search).getAll(%q)`, name))
}

// search is of a misspelt word: the right one is searched for, and the way back is open.
func (v *visit) search() {
	word := v.w.word(v.t)
	typo := word[:3] + word[4:]
	v.click(`[data-testid="search-box"]`)
	v.until("what others search for", `document.querySelector('[data-testid="completion"].trending')`)
	v.shot("14-search-box")
	v.key(typo)
	v.key(kb.Enter)
	v.until("results", `location.pathname === '/search' && `+results)
	v.loaded()
	v.until("guides", `document.querySelector('[data-testid="guide"]')`)
	v.shot("14-search")
	if s := ask[string](v.browser, `document.querySelector('[data-testid="corrected"]')?.textContent ?? ''`); !strings.Contains(s, word) || !strings.Contains(s, typo) {
		v.t.Errorf("%q was not corrected to %q: %q", typo, word, s)
	}
	doc := v.w.doc(v.t, v.shown("wall")[0])
	if !strings.Contains(strings.ToLower(doc.Title+" "+doc.Description+" "+strings.Join(doc.Tags, " ")), word[:5]) {
		v.t.Errorf("%q found first %q", word, doc.Title)
	}
	if !ask[bool](v.browser, fmt.Sprintf(`[...document.querySelectorAll('[data-testid="tile"] mark')].some((m) => m.textContent.toLowerCase() === %q)`, word)) {
		v.t.Errorf("no title marks %q", word)
	}
	v.accessible("search")
	v.w.eventually(v.ctx, v.t, "search", func(e *bowerbird.Event) bool {
		return e.Kind == bowerbird.Search && e.User == v.user && e.Query == typo
	})
	v.click(`[data-testid="as-typed"]`)
	v.until("nothing as typed", `document.querySelector('[data-testid="empty"]') && !document.querySelector('.stale')`)
	v.shot("14-search-as-typed")
	v.accessible("search as typed")
	if q := v.query("q"); q[0] != `"`+typo+`"` {
		v.t.Errorf("as typed asks for %q", q)
	}
}

// guide makes the search narrower by a word that the page proposes.
func (v *visit) guide() {
	word := v.w.word(v.t)
	v.open(v.w.url + "/search?q=" + word)
	v.until("results and guides", results+` && document.querySelector('[data-testid="guide"]')`)
	before := ask[int](v.browser, total)
	where := ask[float64](v.browser, `document.querySelector('[data-testid="wall"]').getBoundingClientRect().top`)
	v.click(`[data-testid="guide"]`)
	v.until("a narrower search", fmt.Sprintf(`new URLSearchParams(location.search).get('q') !== %q && `, word)+results+` && document.querySelector('[data-testid="guide"], [data-testid="wall-more"]')`)
	v.loaded()
	v.shot("14-guide")
	v.accessible("guide")
	if q := v.query("q"); !strings.Contains(q[0], word) || len(strings.Fields(q[0])) < 2 {
		v.t.Errorf("the guide made %q of %q", q, word)
	}
	if n := ask[int](v.browser, total); n < 1 || n > before {
		v.t.Errorf("the guide led from %d results to %d", before, n)
	}
	if s := ask[string](v.browser, `document.querySelector('[data-testid="search-box"]').value`); s != v.query("q")[0] {
		v.t.Errorf("the box shows %q", s)
	}
	ask[bool](v.browser, `(history.back(), true)`)
	v.until("the search before", fmt.Sprintf(`new URLSearchParams(location.search).get('q') === %q && `, word)+results)
	v.still()
	if at := ask[float64](v.browser, `document.querySelector('[data-testid="wall"]').getBoundingClientRect().top`); at != where {
		v.t.Errorf("the wall stands at %v, before at %v", at, where)
	}
}

// facets chooses two values and an order, and goes back through them.
func (v *visit) facets() {
	v.click(`[data-testid="filters-button"]`)
	v.until("facets", `document.querySelectorAll('[data-testid="facet"]').length >= 3`)
	v.still()
	v.shot("14-facets")
	v.accessible("facets")
	n := ask[int](v.browser, total)
	for i, facet := range []string{"category", "colour"} {
		value := fmt.Sprintf(`[data-testid="facet"][data-field="%s"] [data-testid="facet-value"]`, facet)
		count := ask[int](v.browser, fmt.Sprintf(`parseInt(document.querySelector('%s').closest('label').querySelector('.n').textContent.replace(/\D/g, ''), 10)`, value))
		v.click(fmt.Sprintf(`[data-testid="facet"][data-field="%s"] label`, facet))
		v.until("it is on", fmt.Sprintf(`%s === %d && `, chips, i+1)+results)
		if got := ask[int](v.browser, total); got != count || got > n || got != v.count(v.query("where")) {
			v.t.Errorf("%s: %d results, the facet promised %d, there are %d", facet, got, count, v.count(v.query("where")))
		}
		if !ask[bool](v.browser, fmt.Sprintf(`[...document.querySelectorAll('%s')].some((x) => x.checked)`, value)) {
			v.t.Errorf("no value of %s is ticked", facet)
		}
	}
	both := v.query("where")
	ask[bool](v.browser, `(() => { const s = document.querySelector('[data-testid="sort"]'); s.value = 'created:desc'; return s.dispatchEvent(new Event('change', { bubbles: true })); })()`)
	v.until("newest first", `location.search.includes('sort=created') && `+results)
	v.loaded()
	v.shot("14-facets-sorted")
	v.accessible("facets and an order")
	var when []int64
	for _, id := range v.shown("wall") {
		when = append(when, v.w.doc(v.t, id).Created)
	}
	slices.Reverse(when)
	if !slices.IsSorted(when) {
		v.t.Errorf("not newest first: %v", when)
	}
	ask[bool](v.browser, `(history.back(), true)`)
	v.until("no order", fmt.Sprintf(`!location.search.includes('sort=') && %s === 2 && document.querySelector('[data-testid="sort"]').value === '' && `, chips)+results)
	if got := v.query("where"); !slices.Equal(got, both) {
		v.t.Errorf("back leads to %v, want %v", got, both)
	}
	ask[bool](v.browser, `(history.back(), true)`)
	v.until("one filter", chips+` === 1 && `+results)
	v.do(chromedp.Reload())
	v.until("the same after a reload", chips+` === 1 && `+results)
	v.click(`[data-testid="filter-on"]`)
	v.until("no filter", fmt.Sprintf(`%s === 0 && %s === %d && `, chips, total, n)+results)

	// How pictures look, and the order that mixes looks.
	v.click(`[data-testid="filters-button"]`) // a reload shuts the panel
	v.click(`[data-testid="facet"][data-field="tone"] label`)
	v.until("a tone", chips+` === 1 && location.search.includes('where=tone') && `+results)
	if got := ask[int](v.browser, total); got < 1 || got != v.count(v.query("where")) {
		v.t.Errorf("tone: %d results, there are %d", got, v.count(v.query("where")))
	}
	ask[bool](v.browser, `(() => { const s = document.querySelector('[data-testid="sort"]'); s.value = 'varied'; return s.dispatchEvent(new Event('change', { bubbles: true })); })()`)
	v.until("many looks", `location.search.includes('sort=varied') && `+results)
	v.find(`[data-testid="facet"][data-field="shape"]`)
	v.loaded()
	v.shot("14-looks")
	v.accessible("looks")
	ask[bool](v.browser, `(history.go(-2), true)`)
	v.until("as before", fmt.Sprintf(`%s === 0 && !location.search.includes('sort=') && `, chips)+results)
	ask[bool](v.browser, `(scrollTo(0, 0), true)`)
	v.click(`[data-testid="filters-button"]`)
	v.until("no panel", `!document.querySelector('[data-testid="facet"]')`)
}

// count is how many items of the search pass the conditions, by the interface.
func (v *visit) count(where []string) int {
	v.t.Helper()
	p := `/v1/search?limit=1&count=true&matchingStrategy=last&q=' + encodeURIComponent(new URLSearchParams(location.search).get('q'))`
	for _, w := range where {
		p += fmt.Sprintf(` + '&where=' + encodeURIComponent(%q)`, w)
	}
	return ask[int](v.browser, `(() => { const r = new XMLHttpRequest(); r.open('GET', '`+p+` + '&user=`+v.user+`', false); r.send(); return JSON.parse(r.responseText).estimatedTotalHits; })()`)
}

// bend asks for more like one of the results.
func (v *visit) bend() {
	id := v.shown("wall")[0]
	v.click(tile(id, `[data-testid="tile-menu"]`))
	v.until("the menu", `document.querySelector('[data-testid="menu-more-like"]')`)
	v.still()
	v.shot("14-menu")
	v.click(`[data-testid="menu-more-like"]`)
	v.until("results like it", fmt.Sprintf(`new URLSearchParams(location.search).get('like') === %q && document.querySelector('[data-testid="example-more"]') && !document.querySelector('dialog[open]') && `, id)+results)
	v.loaded()
	v.shot("14-more-like")
	v.accessible("more like this")
	if slices.Contains(v.shown("wall"), id) {
		v.t.Errorf("%s is among what resembles it", id)
	}
	v.click(`[data-testid="example-more"]`)
	v.until("as before", `!location.search.includes('like=') && `+results)
}

// nothing is found in two ways: by words that nothing has, and by filters that are too narrow.
func (v *visit) nothing() {
	v.open(v.w.url + "/search?q=zzqqxxzz")
	v.until("a way on", `document.querySelector('[data-testid="empty"]') && document.querySelectorAll('[data-testid="search-card"]').length > 3`)
	v.loaded()
	v.shot("14-nothing")
	v.accessible("nothing found")
	v.open(v.w.url + "/search?q=" + v.w.word(v.t) + "&where=price%3C%3D0&where=language%3Den")
	v.until("which filter it is", `[...document.querySelectorAll('[data-testid="without"]')].some((x) => /\d/.test(x.textContent) && x.classList.contains('main'))`)
	v.shot("14-nothing-filtered")
	v.accessible("nothing passes the filters")
	v.click(`[data-testid="without"].main`)
	v.until("results", chips+` === 1 && `+results)
}

// phoneSearch chooses filters on a phone.
func (v *visit) phoneSearch() {
	v.size(360, 740, chromedp.EmulateScale(2), chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	word := v.w.word(v.t)
	narrow := func(where string) {
		if w := ask[int](v.browser, `Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)`); w > 360 {
			v.t.Errorf("%s is %d pixels wide on a phone of 360", where, w)
		}
	}
	v.open(v.w.url + "/search?q=" + word[:3] + word[4:])
	v.until("results and guides", results+` && document.querySelector('[data-testid="guide"]')`)
	v.loaded()
	v.shot("32-phone-search")
	narrow("search")
	v.click(`[data-testid="filters-button"]`)
	v.until("facets", `document.querySelector('dialog[open] [data-testid="facet-value"]')`)
	v.click(`dialog [data-testid="facet"][data-field="colour"] label`)
	v.until("it is on", `location.search.includes('where=colour') && !document.querySelector('.stale')`)
	v.shot("32-phone-facets")
	v.accessible("facets on a phone")
	v.click(`[data-testid="facets-done"]`)
	v.until("closed", `!document.querySelector('dialog[open]') && `+results)
	v.loaded()
	v.shot("32-phone-filtered")
	v.accessible("filtered on a phone")
	narrow("a filtered search")
	v.open(v.w.url + "/search?q=zzqqxxzz")
	v.until("a way on", `document.querySelector('[data-testid="empty"]') && document.querySelectorAll('[data-testid="search-card"]').length > 3`)
	v.loaded()
	v.shot("32-phone-nothing")
	narrow("an empty answer")
}
