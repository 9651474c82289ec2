package load

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

// write makes a folder of files; a name that ends in .gz is packed.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "set")
	for name, text := range files {
		data := []byte(text)
		if strings.HasSuffix(name, ".gz") {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			z.Write(data)
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			data = b.Bytes()
		}
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// short is a record in one line.
func short(r Record) string {
	e := r.Event
	switch {
	case e.ItemDoc != nil:
		x := e.ItemDoc
		s := fmt.Sprintf("item %s %q %v %v", x.ID, x.Title, x.Categories, x.Tags)
		if len(x.Attributes) > 0 {
			s += " " + jsonOf(x.Attributes)
		}
		if r.Picture != "" {
			s += " " + filepath.Base(r.Picture)
		}
		return s
	case e.BoardDoc != nil:
		return fmt.Sprintf("board %s of %s", e.BoardDoc.ID, e.BoardDoc.Owner)
	case e.UserDoc != nil:
		return fmt.Sprintf("user %s %s", e.UserDoc.ID, jsonOf(e.UserDoc.Labels))
	}
	s := fmt.Sprintf("%s %s %s at %d", e.Kind, e.User, e.Item, e.Time)
	if e.Value != 0 {
		s += fmt.Sprintf(" = %g", e.Value)
	}
	return s
}

func read(t *testing.T, path string, o Options) ([]Record, *Report) {
	t.Helper()
	var out []Record
	rep, err := Read(context.Background(), path, o, func(r Record) error {
		out = append(out, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, rep
}

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		name   string
		files  map[string]string
		path   string // under the folder; "" is the folder
		o      Options
		format Format
		want   []string
		skips  []string
	}{
		{
			name: "json lines of a folder", format: JSONLines,
			files: map[string]string{
				"items.jsonl":  `{"id":"i1","title":"One","categories":["a","a/b"],"created":"2026-01-02T00:00:00Z","picture":"pictures/1.jpg","attributes":{"price":3}}` + "\n{bad}\n" + `{"title":"no id"}` + "\n",
				"users.jsonl":  `{"id":"u1","labels":["cats"],"created":"2026-01-01T00:00:00Z"}` + "\n",
				"boards.jsonl": `{"id":"b1","owner":"u1","title":"B","created":1767225600000}` + "\n",
				"events.jsonl": `{"id":"e2","type":"save","time":"2026-01-03T00:00:02Z","user":"u1","item":"i1","board":"b1"}` + "\n" + `{"id":"e1","type":"closeup","time":1767398401000,"user":"u1","item":"i1"}` + "\n",
			},
			want:  []string{`user u1 {"likes":"cats"}`, "board b1 of u1", `item i1 "One" [a a/b] [] {"price":3} 1.jpg`, "closeup u1 i1 at 1767398401000", "save u1 i1 at 1767398402000"},
			skips: []string{"items.jsonl:2: is not JSON: invalid character 'b' looking for beginning of object key string", "items.jsonl:3: id: is missing"},
		},
		{
			name: "an action before its item is put off", format: JSONLines, path: "all.jsonl",
			files: map[string]string{"all.jsonl": `{"id":"i1","title":"x","created":"2026-01-05T00:00:00Z"}` + "\n" + `{"type":"save","user":"u","item":"i1","time":1767225600000}` + "\n"},
			want:  []string{`item i1 "x" [] []`, "save u i1 at 1767225600000"},
		},
		{
			name: "csv with a mapping", format: CSV, path: "sales.csv",
			files: map[string]string{"sales.csv": "client;sku;stars;when\nann;x1;5;2020-01-02\nbob;x1;2;2020-01-01\nbob;x2;many;2020-01-01\nbob\n"},
			o:     Options{Map: map[string]string{"user": "client", "value": "stars", "time": "when"}},
			want:  []string{"closeup bob x1 at 1577836800000 = 2", "save ann x1 at 1577923200000 = 5"},
			skips: []string{"sales.csv:4: value: is no number", "sales.csv:5: has 1 columns, want 4"},
		},
		{
			name: "csv of items with attributes and a quoted line", format: CSV, path: "items.csv.gz",
			files: map[string]string{"items.csv.gz": "\xef\xbb\xbfid,Name,Genres,Price\n7,\"a, \"\"b\"\"\nc\",x|y,2.5\n"},
			want:  []string{`item 7 "a, \"b\"\nc" [x y] [] {"price":2.5}`},
		},
		{
			name: "csv without a header", format: CSV, path: "r.tsv",
			files: map[string]string{"r.tsv": "1\t10\t4\t100\n2\t10\t3\t50\n"},
			want:  []string{"closeup 2 10 at 50000 = 3", "save 1 10 at 100000 = 4"},
		},
		{
			name: "csv by number, with boards, no times", format: CSV, path: "r.csv",
			files: map[string]string{"r.csv": "ann,i1,b1\nbob,i2,b2\n"},
			o:     Options{Map: map[string]string{"user": "1", "item": "2", "board": "3"}},
			want:  []string{"board b1 of ann", "board b2 of bob", "save ann i1 at 1577836801000", "save bob i2 at 1577836802000"},
		},
		{
			name: "movielens 100k", format: MovieLens100K,
			files: map[string]string{
				"u.item":    "1|Caf\xe9 (1995)|01-Jan-1995||http://x|0|0|1" + strings.Repeat("|0", 16) + "\n",
				"u.data.gz": "5\t1\t4\t880000002\n6\t1\t3\t880000001\n6\t1\n",
			},
			want:  []string{`item 1 "Café (1995)" [Adventure] [] {"year":1995}`, "closeup 6 1 at 880000001000 = 3", "save 5 1 at 880000002000 = 4"},
			skips: []string{`u.data.gz:3: has 2 columns, want 4 divided by "\t"`},
		},
		{
			name: "movielens 1m", format: MovieLens1M,
			files: map[string]string{
				"movies.dat": "1::Toy Story (1995)::Animation|Comedy\n", "users.dat": "5::F::25::3::90210\n", "ratings.dat": "5::1::5::978300760\n",
			},
			want: []string{`item 1 "Toy Story (1995)" [Animation Comedy] [] {"year":1995}`, `user 5 {"age":"25","gender":"F","occupation":"3"}`, "save 5 1 at 978300760000 = 5"},
		},
		{
			name: "movielens latest", format: MovieLensLatest,
			files: map[string]string{
				"movies.csv": "movieId,title,genres\n1,\"Heat, The (1995)\",Action|Crime\n2,Odd,(no genres listed)\n", "ratings.csv": "userId,movieId,rating,timestamp\n3,1,4.5,964982703\n",
				"tags.csv": "userId,movieId,tag,timestamp\n3,1,Noir,1\n4,1,noir,2\n",
			},
			want: []string{`item 1 "Heat, The (1995)" [Action Crime] [noir] {"year":1995}`, `item 2 "Odd" [] []`, "save 3 1 at 964982703000 = 4.5"},
		},
		{
			name: "recbole", format: RecBole,
			files: map[string]string{
				"b.inter": "user_id:token\titem_id:token\trating:float\ttimestamp:float\nu1\tx\t5.0\t1400000001.0\nu1\ty\t1.0\t1400000000.0\n",
				"b.item":  "item_id:token\ttitle:token\tcategories:token_seq\tprice:float\nx\tSoap\t'Bath', 'Skin Care'\t2.5\n",
				"b.user":  "user_id:token\tage:float\nu1\t30\n",
			},
			want: []string{`user u1 {"age":30}`, `item x "Soap" [Bath Skin Care] [] {"price":2.5}`, `item y "y" [] []`, "closeup u1 y at 1400000000000 = 1", "save u1 x at 1400000001000 = 5"},
		},
		{
			name: "s3rec sequences", format: Sequences, path: "Toys.txt.gz",
			files: map[string]string{"Toys.txt.gz": "1 4 5\n2 5\n3\n", "Toys_item2attributes.json": `{"4": [1, 2], "5": [2]}`},
			want: []string{`item 4 "Item 4" [] [attribute-1 attribute-2]`, `item 5 "Item 5" [] [attribute-2]`,
				"save 1 4 at 1585720800000", "save 2 5 at 1593604800000", "save 1 5 at 1601488800000"},
			skips: []string{"Toys.txt.gz:3: names a user and no item"},
		},
		{
			name: "pictures with metadata", format: Pictures,
			files: map[string]string{
				"train/dress/red_dress-2.jpg": "x", "shirt/0a1b2c3d4e.png": "y", "notes.txt": "z",
				"metadata.csv": "file,title,tags\n0a1b2c3d4e.png,Blue shirt,blue|cotton\n",
			},
			want: []string{`item shirt/0a1b2c3d4e "Blue shirt" [shirt] [blue cotton] 0a1b2c3d4e.png`, `item train/dress/red_dress-2 "red dress" [dress] [] red_dress-2.jpg`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := write(t, c.files)
			path := filepath.Join(dir, c.path)
			if f, err := Detect(path); err != nil || f != c.format {
				t.Errorf("Detect: %q, %v; want %q", f, err, c.format)
			}
			recs, rep := read(t, path, c.o)
			var got []string
			for _, r := range recs {
				got = append(got, short(r))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("records (-want +got):\n%s", d)
			}
			var skips []string
			for _, e := range rep.Errors {
				skips = append(skips, e.Error())
			}
			if d := cmp.Diff(c.skips, skips); d != "" {
				t.Errorf("skipped (-want +got):\n%s", d)
			}
			if rep.Skipped != int64(len(c.skips)) || rep.Records != int64(len(c.want)) {
				t.Errorf("report counts %d skipped and %d records", rep.Skipped, rep.Records)
			}
			if again, _ := read(t, path, c.o); !slices.EqualFunc(recs, again, func(a, b Record) bool { return a.Event.ID == b.Event.ID }) {
				t.Error("a second reading gave other ids")
			}
			ids := map[string]bool{}
			for _, r := range recs {
				if r.Event.ID == "" || ids[r.Event.ID] {
					t.Errorf("id %q is empty or given twice", r.Event.ID)
				}
				ids[r.Event.ID] = true
			}
		})
	}
}

func TestParquet(t *testing.T) {
	type row struct {
		User string   `parquet:"user_id"`
		Item string   `parquet:"item_id"`
		Star *float64 `parquet:"rating,optional"`
		When int64    `parquet:"timestamp"`
	}
	type item struct {
		ID   string   `parquet:"sku"`
		Name string   `parquet:"title"`
		Tags []string `parquet:"tags,list"`
	}
	dir := t.TempDir()
	five := 5.0
	if err := parquet.WriteFile(filepath.Join(dir, "b.parquet"), []row{{"u", "x", &five, 200}, {"v", "x", nil, 100}}); err != nil {
		t.Fatal(err)
	}
	if err := parquet.WriteFile(filepath.Join(dir, "a.parquet"), []item{{"x", "Cup", []string{"blue", "small"}}}); err != nil {
		t.Fatal(err)
	}
	recs, _ := read(t, dir, Options{})
	var got []string
	for _, r := range recs {
		got = append(got, short(r))
	}
	want := []string{`item x "Cup" [] [blue small]`, "save v x at 100000", "save u x at 200000 = 5"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	data, err := os.ReadFile(filepath.Join(dir, "b.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for cut := 1; cut < len(data); cut += 37 { // damaged files are errors, not panics
		if err := os.WriteFile(filepath.Join(dir, "c.parquet"), data[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(context.Background(), filepath.Join(dir, "c.parquet"), Options{}, func(Record) error { return nil }); err == nil {
			t.Fatalf("a file cut at byte %d was read", cut)
		}
	}
}

func TestSortOnDisk(t *testing.T) {
	var b strings.Builder
	b.WriteString("user,item,time\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "u%d,i%d,%d\n", i%7, i%11, 1_000_000+(i*7919)%5000)
	}
	path := filepath.Join(write(t, map[string]string{"r.csv": b.String()}), "r.csv")
	inMemory, _ := read(t, path, Options{})
	temp := t.TempDir()
	onDisk, _ := read(t, path, Options{Sort: 300, Temp: temp})
	if d := cmp.Diff(inMemory, onDisk); d != "" {
		t.Errorf("sorting on the disk differs:\n%s", d[:min(len(d), 2000)])
	}
	if len(inMemory) != 5000 || !slices.IsSortedFunc(inMemory, func(a, b Record) int { return int(a.Event.Time - b.Event.Time) }) {
		t.Errorf("%d records, or not by time", len(inMemory))
	}
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func TestGrownFile(t *testing.T) {
	// Rows with times keep their ids when the file grows before them.
	dir := write(t, map[string]string{"r.csv": "user,item,time\na,x,10\n"})
	path := filepath.Join(dir, "r.csv")
	before, _ := read(t, path, Options{})
	if err := os.WriteFile(path, []byte("user,item,time\nb,x,5\na,x,10\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	after, _ := read(t, path, Options{})
	if len(after) != 2 || after[1].Event.ID != before[0].Event.ID {
		t.Errorf("the old row has another id: %v, %v", before, after)
	}
	other, _ := read(t, path, Options{Source: "other"})
	if other[1].Event.ID == after[1].Event.ID {
		t.Error("two sources share ids")
	}
}

func TestRefused(t *testing.T) {
	deep := strings.Repeat("x", maxRow+10)
	for _, c := range []struct {
		name, file, text, format, want string
		o                              Options
	}{
		{"no known form", "a.bin", "\x00\x01\x02", "", "name it with --format", Options{}},
		{"unknown format", "a.csv", "user,item\n", "xml", "is no format", Options{}},
		{"unknown field", "a.csv", "user,item\nu,i\n", "", `"foo" is no field`, Options{Map: map[string]string{"foo": "user"}}},
		{"unknown column", "a.csv", "user,item\nu,i\n", "", "there is no such column", Options{Map: map[string]string{"item": "sku"}}},
		{"nothing to go by", "a.csv", "colour,size\nred,2\n", "", "say which with --map", Options{}},
		{"endless line", "a.jsonl", deep, "", "is longer than", Options{}},
		{"open quote", "a.csv", "user,item\n\"" + strings.Repeat("y\n", 2*maxRow), "", "is a quote not closed", Options{}},
		{"not gzip", "a.csv.gz", "", "", "begins like gzip", Options{}},
		{"no types", "a.inter", "user\titem\n", "", "lacks its type", Options{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			text := c.text
			if c.name == "not gzip" {
				text = "\x1f\x8bnonsense"
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			c.o.Format = Format(c.format)
			_, err := Read(context.Background(), path, c.o, func(Record) error { return nil })
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestPictureOutside(t *testing.T) {
	dir := write(t, map[string]string{"items.jsonl": `{"id":"a","picture":"../../etc/passwd"}` + "\n" + `{"id":"b","picture":"/etc/passwd"}` + "\n"})
	recs, rep := read(t, dir, Options{})
	if len(recs) != 0 || rep.Skipped != 2 || !strings.Contains(rep.Errors[0].Why, "leads out of the folder") {
		t.Errorf("%v %+v", recs, rep)
	}
}

func TestStops(t *testing.T) {
	dir := write(t, map[string]string{"r.csv": "user,item\na,x\nb,y\n"})
	stop := errors.New("enough")
	n := 0
	if _, err := Read(context.Background(), dir, Options{}, func(Record) error { n++; return stop }); !errors.Is(err, stop) || n != 1 {
		t.Errorf("after %d records: %v", n, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, dir, Options{}, func(Record) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled reading: %v", err)
	}
}

func TestTimes(t *testing.T) {
	for in, want := range map[string]int64{
		"": 0, "874965758": 874965758000, "874965758.0": 874965758000, "1700000000123": 1700000000123, "1700000000123456": 1700000000123,
		"1700000000123456789": 1700000000123, "2020-01-02": 1577923200000, "2020-01-02 00:00:01": 1577923201000, "2020-01-02T01:00:00+01:00": 1577923200000,
	} {
		if got, err := parseTime(in); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"soon", "-5", "NaN", "1e300"} {
		if got, err := parseTime(in); err == nil {
			t.Errorf("%q was read as %d", in, got)
		}
	}
}

func FuzzJSONLine(f *testing.F) {
	f.Add("items", `{"id":"a","picture":"x.jpg","created":"2020-01-01"}`)
	f.Add("events", `{"type":"save","user":"u","item":"i","time":1}`)
	f.Add("all", `{"user":"u","item":"i","value":3}`)
	f.Add("users", `{"id":"u","labels":{"a":[1]}}`)
	f.Fuzz(func(t *testing.T, kind, text string) {
		s := &session{ctx: context.Background(), o: Options{Positive: 4, Source: "f"}, rep: new(Report), sort: newSorter(100, ""), since: map[string]int64{}}
		if err := s.jsonLine(kind+".jsonl", 1, kind, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if len(s.sort.mem) == 0 && s.rep.Skipped == 0 {
			t.Fatal("a line was lost in silence")
		}
		for _, e := range s.sort.mem {
			if err := e.Rec.Event.Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func ExampleRead() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "ratings.csv")
	_ = os.WriteFile(path, []byte("customer,sku,stars\nann,cup,5\nbob,cup,2\n"), 0o644)
	report, err := Read(context.Background(), path, Options{Map: map[string]string{"user": "customer", "item": "sku", "value": "stars"}}, func(r Record) error {
		fmt.Println(r.Event.Kind, r.Event.User, r.Event.Item)
		return nil
	})
	fmt.Println(report.Rows, report.Skipped, err)
	// Output:
	// save ann cup
	// closeup bob cup
	// 2 0 <nil>
}
