package load

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// maxRow bounds one row of text: memory stays bounded on a file without ends of line.
const maxRow = 4 << 20

// file is an open input, unpacked if it is gzipped; what the bytes say counts,
// not the name.
type file struct {
	*bufio.Reader
	path    string
	closers []io.Closer
}

func open(path string) (*file, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	out := &file{Reader: bufio.NewReaderSize(f, 1<<18), path: path, closers: []io.Closer{f}}
	if head, _ := out.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(out.Reader)
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("load: %s: begins like gzip but is not: %w", path, err)
		}
		out.Reader, out.closers = bufio.NewReaderSize(z, 1<<18), append(out.closers, z)
	}
	if head, _ := out.Peek(3); string(head) == "\xef\xbb\xbf" {
		_, _ = out.Discard(3)
	}
	return out, nil
}

func (f *file) Close() {
	for i := len(f.closers) - 1; i >= 0; i-- {
		_ = f.closers[i].Close()
	}
}

// lines calls fn for each line with its number from 1, without its end. A line
// over maxRow ends the file with an error.
func (f *file) lines(fn func(n int, line string) error) error {
	sc := bufio.NewScanner(f.Reader)
	sc.Buffer(make([]byte, 0, 64<<10), maxRow)
	n := 0
	for sc.Scan() {
		n++
		if err := fn(n, strings.TrimSuffix(sc.Text(), "\r")); err != nil {
			return err
		}
	}
	switch err := sc.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("load: %s: line %d is longer than %d MiB: is it a text file?", f.path, n+1, maxRow>>20)
	case err != nil:
		return fmt.Errorf("load: %s: after line %d: %w", f.path, n, err)
	}
	return nil
}

// utf8of takes text that is not UTF-8 for Latin-1, as MovieLens is written.
func utf8of(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}

// beside finds a file by name in a folder, plain or gzipped; "" if it is not there.
func beside(dir, name string) string {
	for _, n := range []string{name, name + ".gz"} {
		if st, err := os.Stat(dir + string(os.PathSeparator) + n); err == nil && !st.IsDir() {
			return dir + string(os.PathSeparator) + n
		}
	}
	return ""
}

func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "" // validated before: numbers are finite, so this does not happen
	}
	return string(b)
}
