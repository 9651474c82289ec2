package browsetest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long anything on the page may take on a busy machine.
const patience = 12 * time.Second

// browser is one tab; every failure ends the test.
type browser struct {
	ctx   context.Context
	t     *testing.T // of the step that runs
	shots string

	mu       sync.Mutex
	troubles []string // console errors, exceptions, refused and failed requests
}

// chromium is the browser's path.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const why = "no Chromium: none of chromium, chromium-browser, google-chrome is in PATH"
	if os.Getenv("BOWERBIRD_CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

func newBrowser(ctx context.Context, t *testing.T, path string) *browser {
	t.Helper()
	b := &browser{t: t, shots: os.Getenv("BOWERBIRD_SCREENSHOTS")}
	if b.shots == "" {
		b.shots = filepath.Join(os.TempDir(), "bowerbird-screenshots")
	}
	must(t, os.MkdirAll(b.shots, 0o755))
	t.Logf("screenshots: %s", b.shots)

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.WindowSize(1280, 860), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-domain-reliability", true), chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("blink-settings", "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4")) // there is a mouse
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}), chromedp.WithListener(b.hear))
	t.Cleanup(end)
	b.ctx = ctx
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	must(t, err)
	_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	must(t, err)
	b.size(1280, 860)
	return b
}

// hear notes what a developer would see in red.
func (b *browser) hear(ev any) {
	var what string
	switch e := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			args, _ := json.Marshal(e.Args)
			what = fmt.Sprintf("console %s: %s", e.Type, args)
		}
	case *runtime.EventExceptionThrown:
		what = "exception: " + e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			what += " " + x.Description
		}
	case *log.EventEntryAdded: // also violations of the Content-Security-Policy
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			what = fmt.Sprintf("%s %s: %s (%s)", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			what = fmt.Sprintf("answer %d of %s", e.Response.Status, e.Response.URL)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled {
			what = fmt.Sprintf("%s failed: %s %s", e.Type, e.ErrorText, e.BlockedReason)
		}
	}
	if what != "" {
		b.mu.Lock()
		b.troubles = append(b.troubles, what)
		b.mu.Unlock()
	}
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// ask evaluates an expression of the page.
func ask[T any](b *browser, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits until an expression holds.
func (b *browser) until(what, expression string) {
	b.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(40 * time.Millisecond) {
		if ask[bool](b, "!!("+expression+")") {
			return
		}
		if time.Now().After(end) {
			b.capture("failed")
			b.t.Fatalf("waited in vain for %s: %s", what, expression)
		}
	}
}

// frame waits until the page was drawn twice: then what was changed is on the
// screen, and a transition that was asked for has begun.
func (b *browser) frame() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	const drawn = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](drawn, chromedp.EvalAwaitPromise))
	must(b.t, err)
}

// still waits until what moves has come to rest.
func (b *browser) still() {
	b.t.Helper()
	b.frame()
	b.until("rest", `document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getComputedTiming().iterations === Infinity)`)
}

func (b *browser) open(address string) {
	b.t.Helper()
	b.do(chromedp.Navigate(address))
}

// point is where a person would click: the middle of the element, in view, with
// nothing over it.
type point struct{ X, Y float64 }

func (b *browser) find(selector string) point {
	b.t.Helper()
	b.still()
	q, _ := json.Marshal(selector)
	expression := fmt.Sprintf(`(() => {
		const e = document.querySelector(%s);
		if (!e) return null;
		let r = e.getBoundingClientRect();
		const bar = 80;
		if (r.top < bar || r.bottom > innerHeight - 70) { e.scrollIntoView({ block: 'center', behavior: 'instant' }); r = e.getBoundingClientRect(); }
		const x = r.left + r.width / 2, y = r.top + r.height / 2;
		const on = document.elementFromPoint(x, y);
		return r.width && on && (e.contains(on) || on.contains(e) && on.closest('button, a') === e) ? { X: x, Y: y } : null;
	})()`, q)
	var last *point
	for end := time.Now().Add(patience); ; b.frame() {
		// Twice at one place: it has come to rest.
		p := ask[*point](b, expression)
		if p != nil && last != nil && *p == *last {
			return *p
		}
		last = p
		if time.Now().After(end) {
			b.capture("failed")
			b.t.Fatalf("nothing to click at %s", selector)
		}
	}
}

func (b *browser) click(selector string) {
	b.t.Helper()
	p := b.find(selector)
	b.do(chromedp.MouseEvent("mouseMoved", p.X, p.Y), chromedp.MouseClickXY(p.X, p.Y))
}

// key presses keys one after the other, as hardware does: the letter comes with the
// press, so that a page which handles the press keeps it from being typed.
func (b *browser) key(keys string) {
	b.t.Helper()
	for _, r := range keys {
		var down, up input.DispatchKeyEventParams
		for _, k := range kb.Encode(r) {
			switch k.Type {
			case kb.KeyDown:
				down = *k
			case kb.KeyChar:
				down.Text, down.UnmodifiedText = k.Text, k.UnmodifiedText
			case kb.KeyUp:
				up = *k
			}
		}
		for _, k := range []input.DispatchKeyEventParams{down, up} {
			_, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, k)
			must(b.t, err)
		}
	}
}

func (b *browser) size(width, height int64, options ...chromedp.EmulateViewportOption) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height, options...))
}

func (b *browser) scheme(name string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
	must(b.t, err)
}

// shot keeps a picture of the screen, once it is at rest.
func (b *browser) shot(name string) {
	b.t.Helper()
	b.still()
	b.capture(name)
}

func (b *browser) capture(name string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	must(b.t, err)
	must(b.t, os.WriteFile(filepath.Join(b.shots, name+".png"), png, 0o644))
}
