package eval

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Qrels are judgments by name: which documents answer which query, and how well.
type Qrels struct {
	Queries []string                  // in the order of the file
	Grades  map[string]map[string]int // query -> document -> grade; not above zero: judged and not relevant
}

// Run is what a system returned, by name. Lists are best first.
type Run struct {
	Name    string // the tag, "" if the file has none
	Queries []string
	Lists   map[string][]Ranked
}

// Ranked is one line of a run.
type Ranked struct {
	Doc   string
	Score float64
}

// FileError says what is wrong with a line of a file.
type FileError struct {
	File string
	Line int
	Msg  string
}

func (e *FileError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg) }

const maxLine = 1 << 20 // bytes; longer lines are refused

// ReadQrels reads judgments in any of three forms, told apart by the first line; name is the file's, for errors:
//
//	QUERY ITERATION DOCUMENT GRADE     TREC, separated by white space
//	query-id<TAB>corpus-id<TAB>score   BEIR, with that heading; the iteration is absent
//	query,docid,rating                 CSV with a heading of three columns or more; the first three count
//
// A pair that stands twice with two grades is an error; twice with one grade is not. Grades are whole numbers.
func ReadQrels(r io.Reader, name string) (*Qrels, error) {
	q := &Qrels{Grades: make(map[string]map[string]int)}
	in, first, err := peekLine(r, name)
	if err != nil {
		return nil, err
	}
	add := func(line int, query, doc, grade string) error {
		g, err := wholeNumber(grade)
		if err != nil {
			return &FileError{name, line, fmt.Sprintf("grade %q is not a whole number", clip(grade))}
		}
		if query == "" || doc == "" {
			return &FileError{name, line, "an empty name of a query or document"}
		}
		docs, ok := q.Grades[query]
		if !ok {
			docs = make(map[string]int)
			q.Grades[query] = docs
			q.Queries = append(q.Queries, query)
		}
		if old, ok := docs[doc]; ok && old != g {
			return &FileError{name, line, fmt.Sprintf("document %q of query %q is graded %d here and %d above", clip(doc), clip(query), g, old)}
		}
		docs[doc] = g
		return nil
	}
	if commas := strings.Count(first, ","); commas >= 2 && !strings.ContainsRune(first, '\t') && len(strings.Fields(first)) != 4 {
		err = readCSVQrels(in, name, add)
	} else {
		err = eachLine(in, name, func(n int, line string) error {
			f := strings.Fields(line)
			if tabs := strings.Split(line, "\t"); len(tabs) == 3 { // BEIR: names may hold spaces
				if n == 1 {
					if _, err := wholeNumber(strings.TrimSpace(tabs[2])); err != nil {
						return nil // the heading
					}
				}
				return add(n, strings.TrimSpace(tabs[0]), strings.TrimSpace(tabs[1]), strings.TrimSpace(tabs[2]))
			}
			if len(f) != 4 {
				return &FileError{name, n, fmt.Sprintf("%d columns: want QUERY ITERATION DOCUMENT GRADE, or three separated by tabs", len(f))}
			}
			return add(n, f[0], f[2], f[3])
		})
	}
	if err != nil {
		return nil, err
	}
	if len(q.Queries) == 0 {
		return nil, &FileError{name, 1, "no judgments"}
	}
	return q, nil
}

func readCSVQrels(in io.Reader, name string, add func(line int, query, doc, grade string) error) error {
	c := csv.NewReader(in)
	c.FieldsPerRecord = -1
	for first := true; ; first = false {
		row, err := c.Read()
		if err == io.EOF {
			return nil
		}
		if p := (*csv.ParseError)(nil); errors.As(err, &p) {
			return &FileError{name, p.Line, p.Err.Error()}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		line, _ := c.FieldPos(0)
		if len(row) < 3 {
			return &FileError{name, line, fmt.Sprintf("%d columns: want query,docid,rating", len(row))}
		}
		if first {
			continue
		}
		if err := add(line, strings.TrimSpace(row[0]), strings.TrimSpace(row[1]), strings.TrimSpace(row[2])); err != nil {
			return err
		}
	}
}

// ReadRun reads a TREC run: QUERY Q0 DOCUMENT RANK SCORE TAG, separated by white space. As trec_eval does, it orders by
// score, as float32, and where scores are equal by document name, the greater first; the rank column is checked to be a number
// and then ignored. A document that a query lists twice is an error.
func ReadRun(r io.Reader, name string) (*Run, error) {
	run := &Run{Lists: make(map[string][]Ranked)}
	seen := make(map[[2]string]int)
	err := eachLine(r, name, func(n int, line string) error {
		f := strings.Fields(line)
		if len(f) != 6 && len(f) != 5 {
			return &FileError{name, n, fmt.Sprintf("%d columns: want QUERY Q0 DOCUMENT RANK SCORE TAG", len(f))}
		}
		if _, err := strconv.Atoi(f[3]); err != nil {
			return &FileError{name, n, fmt.Sprintf("rank %q is not a whole number", clip(f[3]))}
		}
		score, err := strconv.ParseFloat(f[4], 64)
		if err != nil || math.IsNaN(score) || math.IsInf(score, 0) {
			return &FileError{name, n, fmt.Sprintf("score %q is not a finite number", clip(f[4]))}
		}
		key := [2]string{f[0], f[2]}
		if at, ok := seen[key]; ok {
			return &FileError{name, n, fmt.Sprintf("document %q of query %q stands in line %d already", clip(f[2]), clip(f[0]), at)}
		}
		seen[key] = n
		if len(f) == 6 && run.Name == "" {
			run.Name = f[5]
		}
		run.add(f[0], Ranked{f[2], score})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(run.Queries) == 0 {
		return nil, &FileError{name, 1, "no lines"}
	}
	for _, l := range run.Lists {
		slices.SortStableFunc(l, func(a, b Ranked) int {
			return cmp.Or(cmp.Compare(float32(b.Score), float32(a.Score)), cmp.Compare(b.Doc, a.Doc))
		})
	}
	return run, nil
}

func (r *Run) add(query string, d ...Ranked) {
	if r.Lists == nil {
		r.Lists = make(map[string][]Ranked)
	}
	if _, ok := r.Lists[query]; !ok {
		r.Queries = append(r.Queries, query)
	}
	r.Lists[query] = append(r.Lists[query], d...)
}

// Add appends documents, best first, to the list of a query, which may be new.
func (r *Run) Add(query string, list []Ranked) { r.add(query, list...) }

// Write writes the run as TREC's tools read it, one line a document. So that readers that order by score and then by
// name see the order of the list, scores that do not fall are lowered by the least step that does. Names that hold white
// space cannot be written and are an error, as are scores that are not finite.
func (r *Run) Write(w io.Writer) error {
	tag := cmp.Or(r.Name, "bowerbird")
	if strings.ContainsFunc(tag, isSpace) {
		return fmt.Errorf("eval: run %q: a tag may not hold white space", clip(tag))
	}
	out := bufio.NewWriter(w)
	for _, q := range r.Queries {
		last := float32(math.Inf(1)) // trec_eval keeps scores as float32
		for i, d := range r.Lists[q] {
			if q == "" || d.Doc == "" || strings.ContainsFunc(q+d.Doc, isSpace) {
				return fmt.Errorf("eval: run: query %q, document %q: TREC names may not be empty or hold white space", clip(q), clip(d.Doc))
			}
			if math.IsNaN(d.Score) || math.IsInf(d.Score, 0) {
				return fmt.Errorf("eval: run: query %q, document %q: the score is %v", clip(q), clip(d.Doc), d.Score)
			}
			s := float32(max(-math.MaxFloat32, min(math.MaxFloat32, d.Score)))
			if s >= last {
				s = math.Nextafter32(last, float32(math.Inf(-1)))
			}
			if last = s; math.IsInf(float64(s), -1) {
				return fmt.Errorf("eval: run: query %q, document %q: no score is left below %v", clip(q), clip(d.Doc), -math.MaxFloat32)
			}
			fmt.Fprintf(out, "%s Q0 %s %d %s %s\n", q, d.Doc, i+1, strconv.FormatFloat(float64(s), 'g', -1, 32), tag)
		}
	}
	return out.Flush()
}

func isSpace(r rune) bool { return r == ' ' || r >= '\t' && r <= '\r' || r == 0x85 || r == 0xa0 }

func wholeNumber(s string) (int, error) {
	f, err := strconv.ParseFloat(s, 64) // "1.0" is written too
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<30 {
		return 0, fmt.Errorf("not a whole number")
	}
	return int(f), nil
}

// peekLine returns the first line without using it up.
func peekLine(r io.Reader, name string) (io.Reader, string, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	head, err := b.Peek(1 << 14)
	if err != nil && err != io.EOF && len(head) == 0 {
		return nil, "", fmt.Errorf("%s: %w", name, err)
	}
	if i := bytes.IndexByte(head, '\n'); i >= 0 {
		head = head[:i]
	}
	return b, string(head), nil
}

// eachLine calls f with every line that is not blank, and its number.
func eachLine(r io.Reader, name string, f func(n int, line string) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 1<<16), maxLine)
	n := 0
	for sc.Scan() {
		n++
		line := strings.TrimSuffix(sc.Text(), "\r")
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		if err := f(n, line); err != nil {
			return err
		}
	}
	if errors.Is(sc.Err(), bufio.ErrTooLong) {
		return &FileError{name, n + 1, fmt.Sprintf("the line is longer than %d bytes", maxLine)}
	}
	if sc.Err() != nil {
		return fmt.Errorf("%s: %w", name, sc.Err())
	}
	return nil
}

func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
