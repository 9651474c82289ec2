package browsetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/vision/copies"
)

// visit is what a visitor remembers from one step to the next.
type visit struct {
	*browser
	w     *world
	ctx   context.Context
	user  string
	wall  []string // what explore began with
	item  string   // opened and saved
	board string   // made for it
}

// TestBrowse goes through the page as a person would. The steps build on each
// other: the first that fails ends it.
func TestBrowse(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the better part of a minute")
	}
	path := chromium(t)
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	w := newWorld(ctx, t)
	v := &visit{w: w, ctx: ctx, browser: newBrowser(ctx, t, path)}
	for _, step := range []struct {
		name string
		run  func(*visit)
	}{
		{"explore", (*visit).explore},
		{"become somebody", (*visit).become},
		{"ask why", (*visit).why},
		{"close-up", (*visit).closeup},
		{"save to a new board", (*visit).save},
		{"home has learned", (*visit).learned},
		{"hide and undo", (*visit).hide},
		{"search with a typo", (*visit).search},
		{"refine by a guide", (*visit).guide},
		{"filter, sort, back", (*visit).facets},
		{"more like this", (*visit).bend},
		{"find nothing", (*visit).nothing},
		{"complete", (*visit).complete},
		{"crop", (*visit).crop},
		{"looks", (*visit).looks},
		{"upload", (*visit).upload},
		{"keyboard", (*visit).keyboard},
		{"studio and boards", (*visit).studio},
		{"phone", (*visit).phone},
		{"search on a phone", (*visit).phoneSearch},
		{"dark", (*visit).dark},
		{"copies", (*visit).copies},
		{"log", (*visit).logKept},
		{"no trouble", (*visit).noTrouble},
	} {
		begin := time.Now()
		if !t.Run(step.name, func(t *testing.T) { v.t = t; step.run(v) }) {
			t.Fatalf("%q failed; what the browser complained of:\n%s", step.name, strings.Join(v.complaints(), "\n"))
		}
		t.Logf("%-20s %v", step.name, time.Since(begin).Round(10*time.Millisecond))
	}
}

// shown are the items of a wall that are in the document, in the wall's order.
func (v *visit) shown(testid string) []string {
	v.t.Helper()
	return ask[[]string](v.browser, fmt.Sprintf(`[...document.querySelectorAll('[data-testid="%s"] [data-testid="tile"]')].sort((a, b) => a.dataset.index - b.dataset.index).map((x) => x.dataset.item)`, testid))
}

// loaded waits until every picture in sight is there.
func (v *visit) loaded() {
	v.t.Helper()
	v.until("pictures", `(() => { const seen = [...document.images].filter((i) => { const r = i.getBoundingClientRect(); return r.width && r.bottom > 0 && r.top < innerHeight; });
		return seen.length > 0 && seen.every((i) => i.complete && i.naturalWidth > 0 && getComputedStyle(i).opacity === '1'); })()`)
}

// home goes to the wall by its sign.
func (v *visit) home() {
	v.t.Helper()
	v.click(`[data-testid="home"]`)
	v.until("the wall", onTheWall)
	v.still()
}

// onTheWall holds when the wall of somebody stands.
const onTheWall = `location.pathname === '/' && document.querySelector('h1')?.textContent.startsWith('For ') && document.querySelector('[data-testid="wall"] [data-testid="tile"]')`

func tile(id, inside string) string {
	return fmt.Sprintf(`[data-testid="tile"][data-item="%s"] %s`, id, inside)
}

// explore is the first look: pictures are held back by the server, so that where
// tiles stand before and after can be compared.
func (v *visit) explore() {
	const places = `Object.fromEntries([...document.querySelectorAll('[data-testid="tile"]')].map((x) => { const r = x.getBoundingClientRect(); return [x.dataset.item, [r.x, r.y, r.width, r.height].map(Math.round).join()]; }))`
	v.open(v.w.url)
	v.until("tiles", `document.querySelectorAll('[data-testid="tile"]').length >= 8`)
	if n := ask[int](v.browser, `[...document.images].filter((i) => i.naturalWidth > 0).length`); n > 0 {
		v.t.Errorf("%d pictures were there although the server held them back", n)
	}
	before := ask[map[string]string](v.browser, places)
	v.shot("01-placeholders")
	close(v.w.release)
	v.loaded()
	after := ask[map[string]string](v.browser, places)
	for id, at := range before {
		if after[id] != "" && after[id] != at {
			v.t.Errorf("tile %s jumped from %s to %s when its picture came", id, at, after[id])
		}
	}
	v.wall = v.shown("wall")
	if len(v.wall) < 8 {
		v.t.Errorf("the wall shows %d items", len(v.wall))
	}
	v.shot("02-explore")
	v.accessible("explore")
}

func (v *visit) become() {
	v.click(`[data-testid="user-picker"]`)
	v.until("people", `document.querySelectorAll('[data-testid="user-entry"]').length > 3`)
	v.still()
	v.shot("03-people")
	v.accessible("people")
	v.user = v.busiest()
	v.click(fmt.Sprintf(`[data-testid="user-entry"][data-user="%s"]`, v.user))
	v.until("somebody's wall", `!document.querySelector('dialog[open]') && document.querySelector('h1').textContent.startsWith('For ') && document.querySelectorAll('[data-testid="tile"]').length >= 8`)
	v.loaded()
	v.shot("04-home")
	if got := v.shown("wall"); slices.Equal(got[:8], v.wall[:8]) {
		v.t.Errorf("the wall of %s begins as everybody's: %v", v.user, got[:8])
	}
}

// busiest is the person with the most saves: whose wall is most their own.
func (v *visit) busiest() string {
	saves := map[string]int{}
	for e := range v.w.Events() {
		if e.Type == "save" {
			saves[e.User]++
		}
	}
	best := ""
	for u := range v.w.Users() {
		if best == "" || saves[u.ID] > saves[best] {
			best = u.ID
		}
	}
	return best
}

func (v *visit) why() {
	id := v.shown("wall")[0]
	v.click(tile(id, `[data-testid="tile-menu"]`))
	v.until("the menu", `document.querySelector('[data-testid="menu-why"]')`)
	v.still()
	v.shot("05-menu")
	v.accessible("menu")
	v.click(`[data-testid="menu-why"]`)
	v.until("the numbers", `document.querySelector('[data-testid="why-numbers"]')`)
	if s := ask[string](v.browser, `document.querySelector('[data-testid="why-reasons"] li')?.textContent ?? ''`); len(strings.Fields(s)) < 3 {
		v.t.Errorf("the reason is no sentence: %q", s)
	}
	v.shot("06-why")
	v.click(`[data-testid="why-numbers"] summary`)
	v.until("tables", `document.querySelector('[data-testid="why-numbers"]').open`)
	if n := ask[int](v.browser, `[...document.querySelectorAll('[data-testid="why-numbers"] td.n')].filter((x) => /\d/.test(x.textContent)).length`); n < 5 {
		v.t.Errorf("only %d numbers explain the item", n)
	}
	if ask[bool](v.browser, `document.querySelector('[data-testid="why-numbers"]').textContent.includes('NaN')`) {
		v.t.Error("a number is NaN")
	}
	v.still()
	v.shot("07-why-numbers")
	v.accessible("why")
	v.key(kb.Escape)
	v.until("it closed", `!document.querySelector('dialog[open]')`)
}

func (v *visit) closeup() {
	v.item = v.shown("wall")[1]
	v.click(tile(v.item, `[data-testid="tile-link"]`))
	v.until("the close-up", fmt.Sprintf(`document.querySelector('[data-testid="closeup"][data-item="%s"] h1')?.textContent`, v.item))
	v.until("its picture", `document.querySelector('[data-testid="closeup-picture"]')?.naturalWidth > 300`)
	doc := v.w.doc(v.t, v.item)
	if h1 := ask[string](v.browser, `document.querySelector('h1').textContent`); h1 != doc.Title {
		v.t.Errorf("the close-up is headed %q, want %q", h1, doc.Title)
	}
	v.until("related pictures", `document.querySelectorAll('[data-testid="related"] [data-testid="tile"]').length >= 6`)
	v.loaded()
	v.still()
	v.shot("08-closeup")
	v.accessible("close-up")

	// Scrolled to its end, the wall grows and repeats nothing.
	at := map[int]string{}
	for still, n := 0, 0; still < 12; still++ {
		for _, x := range ask[[]string](v.browser, `[...document.querySelectorAll('[data-testid="related"] [data-testid="tile"]')].map((x) => x.dataset.index + ' ' + x.dataset.item)`) {
			var index int
			var id string
			if _, err := fmt.Sscan(x, &index, &id); err != nil {
				v.t.Fatal(err)
			}
			if at[index] != "" && at[index] != id {
				v.t.Errorf("place %d held %s and then %s", index, at[index], id)
			}
			at[index] = id
		}
		if len(at) > n {
			n, still = len(at), 0
		}
		if n > 75 {
			break
		}
		ask[bool](v.browser, `(scrollBy({ top: innerHeight * 0.9, behavior: 'instant' }), true)`)
		time.Sleep(70 * time.Millisecond)
	}
	if len(at) <= 25 {
		v.t.Errorf("scrolling brought %d related items: no second page", len(at))
	}
	places := map[string]int{}
	for i, id := range at {
		if j, twice := places[id]; twice {
			v.t.Errorf("%s stands at %d and %d of the related wall", id, i, j)
		}
		places[id] = i
	}
	if _, ok := places[v.item]; ok {
		v.t.Error("the item is related to itself")
	}
	v.loaded()
	v.shot("09-related")
	ask[bool](v.browser, `(scrollTo(0, 0), true)`)
}

func (v *visit) save() {
	q := engine.Query{Surface: bowerbird.Home, User: v.user}
	before := v.w.ids(v.ctx, v.t, q)
	v.click(`[data-testid="choose-board"]`)
	v.until("boards", `document.querySelector('[data-testid="board-entry"]')`)
	v.still()
	v.shot("10-boards")
	v.accessible("board picker")
	v.click(`[data-testid="board-new"]`)
	v.until("the form", `document.activeElement?.dataset.testid === 'board-title'`)
	v.key("Things worth keeping")
	v.click(`[data-testid="board-keep"]`)
	v.until("saved", `document.querySelector('[data-testid="closeup-save"]')?.textContent.trim() === 'Saved'`)
	saved := v.w.eventually(v.ctx, v.t, "save", func(e *bowerbird.Event) bool { return e.Kind == bowerbird.Save && e.Item == v.item })
	v.board = saved.Board
	if saved.User != v.user || saved.Request == "" || saved.Position != 2 || saved.Board == "" || saved.Surface != bowerbird.Home {
		v.t.Errorf("the save does not say what it came of: %+v", saved)
	}
	v.until("a notice", `document.querySelector('[data-testid="toast"]')?.textContent.includes('Things worth keeping')`)
	v.still()
	v.shot("11-saved")
	after := v.w.ids(v.ctx, v.t, q)
	if slices.Equal(before, after) {
		v.t.Error("home is the same after the save")
	}
	q.Limit = 100
	if slices.Contains(v.w.ids(v.ctx, v.t, q), v.item) {
		v.t.Error("home proposes what was just saved")
	}
}

func (v *visit) learned() {
	v.home()
	v.loaded()
	if slices.Contains(v.shown("wall"), v.item) {
		v.t.Errorf("%s was saved and is on the wall", v.item)
	}
	// What goes with the board is asked of its own page.
	v.open(v.w.url + "/board/" + v.board)
	v.until("its item and ideas", fmt.Sprintf(`document.querySelector('[data-testid="board-items"] [data-item="%s"]') && document.querySelectorAll('[data-testid="ideas"] [data-testid="tile"]').length > 3`, v.item))
	v.loaded()
	v.shot("12-board")
	v.accessible("board")
}

func (v *visit) hide() {
	v.home()
	v.loaded()
	wall := v.shown("wall")
	away, back := wall[0], wall[2]
	for _, id := range []string{away, back} {
		v.click(tile(id, `[data-testid="tile-menu"]`))
		v.click(`[data-testid="menu-hide"]`)
		v.until("it is hidden", fmt.Sprintf(`document.querySelector('%s')`, tile(id, `[data-testid="tile-hidden"]`)))
		v.w.eventually(v.ctx, v.t, "hide", func(e *bowerbird.Event) bool { return e.Kind == bowerbird.Hide && e.Item == id && e.User == v.user })
	}
	v.shot("13-hidden")
	v.accessible("hidden tile")
	v.click(tile(back, `[data-testid="undo"]`))
	v.until("it is back", fmt.Sprintf(`document.querySelector('%s')`, tile(back, `img`)))
	v.w.eventually(v.ctx, v.t, "unhide", func(e *bowerbird.Event) bool { return e.Kind == bowerbird.Unhide && e.Item == back })
	v.do(chromedp.Reload())
	v.until("the wall", `document.querySelectorAll('[data-testid="wall"] [data-testid="tile"]').length >= 8`)
	if slices.Contains(v.shown("wall"), away) {
		v.t.Errorf("%s was hidden and is there after a reload", away)
	}
	if slices.Contains(v.w.ids(v.ctx, v.t, engine.Query{Surface: bowerbird.Home, User: v.user, Limit: 100}), away) {
		v.t.Errorf("%s was hidden and the engine proposes it", away)
	}
}

func (v *visit) complete() {
	word := v.w.word(v.t)
	v.home()
	v.key("/")
	v.until("the search box", `document.activeElement?.dataset.testid === 'search-box'`)
	v.key(word[:4])
	if s := ask[string](v.browser, `document.activeElement.value`); s != word[:4] {
		v.t.Errorf("the search box holds %q, want %q", s, word[:4])
	}
	v.until("completions", fmt.Sprintf(`[...document.querySelectorAll('[data-testid="completion"]')].some((x) => x.textContent.toLowerCase().includes('%s'))`, word[:4]))
	v.key(kb.ArrowDown)
	v.until("a choice", `document.querySelector('[data-testid="completion"][aria-selected="true"]') && document.activeElement.getAttribute('aria-activedescendant') === 'completion-0'`)
	v.shot("15-completion")
	v.accessible("completion")
	v.key(kb.Enter)
	v.until("where it leads", `location.pathname !== '/' && !document.querySelector('[data-testid="completion"]') && document.querySelector('[data-testid="tile"]')`)
}

func (v *visit) crop() {
	v.open(v.w.url + "/item/" + v.item)
	v.click(`[data-testid="crop"]`)
	v.until("the crop tool", `location.pathname === '/visual' && document.querySelector('[data-testid="crop-stage"] img')?.naturalWidth > 0`)
	v.find(`[data-testid="crop-stage"]`)
	r := ask[[]float64](v.browser, `(() => { const r = document.querySelector('[data-testid="crop-stage"]').getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })()`)
	v.do(chromedp.DragAndDropXY(r[0]+.08*r[2], r[1]+.08*r[3], r[0]+.9*r[2], r[1]+.9*r[3]))
	v.until("the part in the address", `location.search.includes('crop=')`)
	v.find(`[data-testid="crop-handle-se"]`)
	v.until("results", `document.querySelectorAll('[data-testid="visual-results"] [data-testid="tile"]').length > 5`)
	v.loaded()
	v.shot("16-crop")
	v.accessible("crop")
	if at := slices.Index(v.shown("visual-results"), v.item); at < 0 || at > 4 {
		v.t.Errorf("a part of the picture of %s found it at %d (from 0; -1 not at all)", v.item, at)
	}
}

// looks goes through the parts that are proposed, another colour, the same style, and what
// follows a close-up.
func (v *visit) looks() {
	v.open(v.w.url + "/visual?item=" + v.item)
	v.until("the crop tool", `document.querySelector('[data-testid="crop-stage"] img')?.naturalWidth > 0`)
	time.Sleep(time.Second) // they come behind, or not at all
	if ask[int](v.browser, `document.querySelectorAll('[data-testid="region"]').length`) > 0 {
		v.shot("16b-regions")
		v.click(`[data-testid="region"]`)
		v.until("the part in the address", `location.search.includes('crop=')`)
		v.until("results", `document.querySelectorAll('[data-testid="visual-results"] [data-testid="tile"]').length > 5`)
		v.loaded()
		v.shot("16c-region")
	} else {
		v.t.Logf("no part stands out of %s", v.item)
	}
	v.open(v.w.url + "/visual?item=" + v.item)
	v.until("colours", `document.querySelectorAll('[data-testid="visual-but"]').length > 2`)
	v.click(`[data-testid="visual-but"]:nth-of-type(4)`)
	v.until("another colour", `location.search.includes('but=') && document.querySelectorAll('[data-testid="visual-results"] [data-testid="tile"]').length > 5`)
	v.loaded()
	v.shot("16d-but")
	v.accessible("another colour")
	v.click(`[data-testid="visual-style"]`)
	v.until("the same style", `location.search.includes('style=1') && document.querySelectorAll('[data-testid="visual-results"] [data-testid="tile"]').length > 5`)
	v.loaded()
	v.shot("16e-style")
	v.open(v.w.url + "/item/" + v.item)
	v.until("the ways on", `document.querySelector('[data-testid="way-style"]')`)
	v.click(`[data-testid="way-style"]`)
	v.until("made alike", `location.search.includes('more=style') && document.querySelectorAll('[data-testid="related"] [data-testid="tile"]').length > 5`)
	v.loaded()
	v.shot("16f-item-style")
	v.click(`[data-testid="way-goes"]`)
	v.until("what goes with it", `location.search.includes('more=goes') && document.querySelectorAll('[data-testid="related"] [data-testid="tile"]').length > 0`)
	v.loaded()
	v.shot("16g-goes")
	v.accessible("what goes with it")
}

func (v *visit) upload() {
	const which = 42
	data, err := v.w.Picture(which)
	must(v.t, err)
	file := filepath.Join(v.t.TempDir(), "mine.jpg")
	must(v.t, os.WriteFile(file, data, 0o600))
	v.home()
	v.do(chromedp.SetUploadFiles(chromedp.CSS(`[data-testid="picture-file"]`), []string{file}))
	v.until("results", `location.search.includes('upload=') && document.querySelectorAll('[data-testid="visual-results"] [data-testid="tile"]').length > 5`)
	v.loaded()
	v.shot("17-upload")
	v.accessible("upload")
	want := v.w.Item(which).ID
	if got := v.shown("visual-results"); got[0] != want {
		v.t.Errorf("the picture of %s found %v first", want, got[:3])
	}
}

func (v *visit) keyboard() {
	v.home()
	v.loaded()
	v.key(kb.ArrowRight)
	v.until("the first tile has the focus", `document.activeElement.closest('[data-testid="tile"]')?.dataset.index === '0'`)
	v.shot("18-focus")
	v.focusSeen("a tile")
	v.key(kb.ArrowRight)
	v.until("the next", `document.activeElement.closest('[data-testid="tile"]')?.dataset.index === '1'`)
	v.key(kb.ArrowDown)
	v.until("one below", `Number(document.activeElement.closest('[data-testid="tile"]')?.dataset.index) > 1`)
	id := ask[string](v.browser, `document.activeElement.closest('[data-testid="tile"]').dataset.item`)
	v.key("s")
	saved := v.w.eventually(v.ctx, v.t, "save by key", func(e *bowerbird.Event) bool { return e.Kind == bowerbird.Save && e.Item == id })
	if saved.Board != v.board || saved.Request == "" || saved.Position == 0 {
		v.t.Errorf("S saved without the last board or where it was shown: %+v", saved)
	}
	v.key(kb.Enter)
	v.until("the close-up", fmt.Sprintf(`document.querySelector('[data-testid="closeup"][data-item="%s"]')`, id))
	v.key(kb.Escape)
	v.until("back on the wall", onTheWall)
	v.still()
	v.key("?")
	v.until("the shortcuts", `document.querySelector('dialog[open][data-testid="shortcuts"]')`)
	v.still()
	v.shot("19-shortcuts")
	v.accessible("shortcuts")
	v.key(kb.Escape)
	v.until("closed", `!document.querySelector('dialog[open]')`)
	v.key("/")
	v.until("the search box", `document.activeElement?.dataset.testid === 'search-box'`)
	v.key(kb.Escape)
	v.key(kb.Escape)
	v.until("the page again", `document.activeElement === document.body`)
	for i := range 6 {
		v.key(kb.Tab)
		v.focusSeen(fmt.Sprintf("Tab %d", i+1))
	}
}

func (v *visit) studio() {
	v.open(v.w.url + "/boards")
	v.until("boards", `document.querySelector('[data-testid="board-card"]')`)
	v.loaded()
	v.shot("20-boards")
	v.accessible("boards")
	v.open(v.w.url + "/studio")
	v.until("figures", `document.querySelector('[data-testid="studio"] dd') && document.querySelector('[data-testid="studio"]').textContent.includes('120')`)
	v.shot("21-studio")
	v.accessible("studio")
}

func (v *visit) phone() {
	v.size(360, 740, chromedp.EmulateScale(2), chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	for _, p := range []struct{ name, path, ready string }{
		{"explore", "/explore", `document.querySelectorAll('[data-testid="tile"]').length > 3`},
		{"close-up", "/item/" + v.item, `document.querySelector('[data-testid="closeup-picture"]')?.naturalWidth && document.querySelector('[data-testid="related"] [data-testid="tile"]')`},
		{"crop", "/visual?item=" + v.item, `document.querySelector('[data-testid="visual-results"] [data-testid="tile"]')`},
		{"search", "/search?q=" + v.w.word(v.t), `document.querySelector('[data-testid="tile"]')`},
		{"boards", "/boards", `document.querySelector('[data-testid="board-card"]')`},
		{"studio", "/studio", `document.querySelector('[data-testid="studio"] dd')`},
	} {
		v.open(v.w.url + p.path)
		v.until(p.name, p.ready)
		if p.name != "studio" {
			v.loaded()
		}
		v.shot("30-phone-" + p.name)
		if w := ask[int](v.browser, `Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)`); w > 360 {
			v.t.Errorf("%s is %d pixels wide on a phone of 360", p.name, w)
		}
		if !ask[bool](v.browser, `(() => { const r = document.querySelector('[data-testid="bottom-bar"]').getBoundingClientRect(); return r.height > 40 && Math.abs(r.bottom - innerHeight) < 1 && r.width === innerWidth; })()`) {
			v.t.Errorf("%s has no bar at the bottom of the phone", p.name)
		}
		v.accessible("phone " + p.name)
	}
	v.click(`[data-testid="user-picker-phone"]`)
	v.until("people", `document.querySelectorAll('[data-testid="user-entry"]').length > 3`)
	v.still()
	v.shot("31-phone-people")
	v.key(kb.Escape)
	v.until("closed", `!document.querySelector('dialog[open]')`)
}

func (v *visit) dark() {
	v.size(1280, 860)
	v.scheme("dark")
	for _, p := range []struct{ name, path, ready string }{
		{"explore", "/explore", `document.querySelectorAll('[data-testid="tile"]').length > 3`},
		{"close-up", "/item/" + v.item, `document.querySelector('[data-testid="closeup-picture"]')?.naturalWidth && document.querySelector('[data-testid="related"] [data-testid="tile"]')`},
		{"search", "/search?q=" + v.w.word(v.t), `document.querySelector('[data-testid="facet-value"]') && document.querySelector('[data-testid="wall"] [data-testid="tile"]')`},
		{"studio", "/studio", `document.querySelector('[data-testid="studio"] dd')`},
	} {
		v.open(v.w.url + p.path)
		if p.name == "search" {
			v.click(`[data-testid="filters-button"]`)
		}
		v.until(p.name, p.ready)
		if p.name != "studio" {
			v.loaded()
		}
		v.shot("40-dark-" + p.name)
		v.accessible("dark " + p.name)
	}
}

// copies are shown in a row below a close-up.
func (v *visit) copies() {
	v.size(1280, 860)
	v.scheme("light")
	which := 0
	for v.w.Item(which).ID != v.item {
		which++
	}
	m, err := v.w.Image(which)
	must(v.t, err)
	r := rand.New(rand.NewPCG(1, 1))
	for i, edit := range copies.Edits[:3] {
		data, err := copies.Encoded(edit.Of(m, r), r)
		must(v.t, err)
		_, events, err := v.w.e.Pictured(v.ctx, bowerbird.Item{ID: fmt.Sprint("again-", i), Title: "Seen before, " + edit.Name}, data)
		must(v.t, err)
		_, err = v.w.e.Ingest(v.ctx, events)
		must(v.t, err)
	}
	_, err = v.w.e.GroupCopies(v.ctx, 1000)
	must(v.t, err)
	v.open(v.w.url + "/item/" + v.item)
	v.until("copies", `document.querySelectorAll('[data-testid="copies"] a').length >= 2`)
	v.shot("41-copies")
}

// logKept looks at what the visit left in the log.
func (v *visit) logKept() {
	seen := v.w.logged(v.ctx, v.t, func(e *bowerbird.Event) bool { return e.Kind == bowerbird.Impression })
	if len(seen) < 20 {
		v.t.Errorf("only %d impressions of so long a visit", len(seen))
	}
	once := map[string]bool{}
	for _, e := range seen {
		if e.User != v.user {
			v.t.Errorf("an impression of %q, whom nobody browsed as", e.User)
		}
		if e.Request == "" || e.Position < 1 || e.Surface == bowerbird.NoSurface {
			v.t.Errorf("an impression does not say where: %+v", e)
		}
		if e.Served == nil || len(e.Served.Features) == 0 || len(e.Served.Sources) == 0 {
			v.t.Fatalf("an impression (%s of %s on %s) does not carry what was served: %+v", e.Kind, e.Item, e.Surface, e.Served)
		}
		key := e.Request + " " + e.Item
		if once[key] {
			v.t.Errorf("%s was counted twice", key)
		}
		once[key] = true
	}
	if n := len(v.w.logged(v.ctx, v.t, func(e *bowerbird.Event) bool {
		return e.Kind == bowerbird.Closeup && e.User == v.user && e.Item == v.item
	})); n == 0 {
		v.t.Error("the close-up is not in the log")
	}
}

func (v *visit) noTrouble() {
	for _, c := range v.complaints() {
		v.t.Error(c)
	}
}

// complaints are what the browser and the server saw go wrong.
func (v *visit) complaints() []string {
	v.browser.mu.Lock()
	defer v.browser.mu.Unlock()
	v.w.mu.Lock()
	defer v.w.mu.Unlock()
	return slices.Concat(v.troubles, v.w.failed)
}

// doc is an item's document as the engine keeps it.
func (w *world) doc(t *testing.T, id string) *bowerbird.Item {
	t.Helper()
	cat := w.e.House().Catalogue
	n, ok := cat.Item(id)
	if !ok {
		t.Fatalf("no item %s", id)
	}
	d, err := cat.ItemDoc(n)
	must(t, err)
	return d
}
