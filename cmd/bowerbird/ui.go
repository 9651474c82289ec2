package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// ui tells a person what goes on: bars on a terminal, a plain line now and then
// elsewhere. Everything goes to standard error.
type ui struct {
	mu    sync.Mutex
	w     io.Writer
	quiet bool
	tty   bool

	what  string // of the step that runs
	since time.Time
	told  time.Time
	bar   *progressbar.ProgressBar
	total int64
}

const (
	barAfter  = time.Second      // what is shorter is not shown
	lineEvery = 10 * time.Second // between plain lines
)

func newUI(w io.Writer, quiet bool) *ui {
	u := &ui{w: w, quiet: quiet}
	if f, ok := w.(*os.File); ok {
		u.tty = term.IsTerminal(int(f.Fd()))
	}
	return u
}

// say prints a remark.
func (u *ui) say(format string, a ...any) {
	if u.quiet {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.clear()
	fmt.Fprintf(u.w, format+"\n", a...)
}

// step shows that done of total are through with what; total 0 is unknown.
func (u *ui) step(what string, done, total int64) {
	if u.quiet {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	if what != u.what {
		u.clear()
		u.what, u.since, u.told = what, now, now
	}
	if now.Sub(u.since) < barAfter {
		return
	}
	if u.tty {
		u.draw(what, done, total)
		return
	}
	if now.Sub(u.told) >= lineEvery {
		u.told = now
		if total > 0 {
			fmt.Fprintf(u.w, "%s: %s of %s\n", what, count(done), count(total))
		} else {
			fmt.Fprintf(u.w, "%s: %s\n", what, count(done))
		}
	}
}

func (u *ui) draw(what string, done, total int64) {
	if total <= 0 {
		total = -1
	}
	if u.bar == nil || u.total != total {
		u.total = total
		u.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(u.w), progressbar.OptionSetDescription(what),
			progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionShowCount(), progressbar.OptionSetWidth(30))
	}
	_ = u.bar.Set64(done)
}

func (u *ui) clear() {
	if u.bar != nil {
		_ = u.bar.Clear()
		u.bar = nil
	}
}

func (u *ui) done() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.clear()
	u.what = ""
}

// count writes 1234567 as 1,234,567.
func count[T ~int | ~int64 | ~uint64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural is "1 row", "2 rows".
func plural[T ~int | ~int64 | ~uint64](n T, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + one + "s"
}

// printJSON writes v to standard output, indented.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.out, format, args...) }

// columns prints rows aligned; the first is the heading.
func (a *app) columns(rows [][]string) {
	var width []int
	for _, r := range rows {
		for i, c := range r {
			if i >= len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], len([]rune(c)))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i, c := range r {
			if i > 0 {
				b.WriteString("  ")
			}
			b.WriteString(c)
			b.WriteString(strings.Repeat(" ", width[i]-len([]rune(c))))
		}
		fmt.Fprintln(a.out, strings.TrimRight(b.String(), " "))
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return count(n) + " people"
}
