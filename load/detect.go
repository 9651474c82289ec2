package load

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Format is a form of input.
type Format string

// The forms.
const (
	JSONLines       Format = "jsonl"
	CSV             Format = "csv"
	Parquet         Format = "parquet"
	Pictures        Format = "pictures"
	MovieLens100K   Format = "ml-100k"
	MovieLens1M     Format = "ml-1m"
	MovieLensLatest Format = "ml-latest"
	RecBole         Format = "recbole"
	Sequences       Format = "s3rec"
)

// readers is the table of formats.
var readers = map[Format]func(*session, string) error{
	JSONLines: (*session).jsonLines, CSV: (*session).csv, Parquet: (*session).parquet, Pictures: (*session).pictures,
	MovieLens100K: (*session).movieLens100K, MovieLens1M: (*session).movieLens1M, MovieLensLatest: (*session).movieLensLatest,
	RecBole: (*session).recBole, Sequences: (*session).sequences,
}

// Formats lists the names of the forms.
func Formats() []string {
	out := make([]string, 0, len(readers))
	for f := range readers {
		out = append(out, string(f))
	}
	slices.Sort(out)
	return out
}

// Detect finds the form of a file or folder by names and first bytes.
func Detect(path string) (Format, error) {
	st, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("load: %w", err)
	}
	if st.IsDir() {
		return detectFolder(path)
	}
	return detectFile(path)
}

func plain(path string) string {
	return strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".gz")
}

func detectFolder(dir string) (Format, error) {
	has := func(name string) bool { return beside(dir, name) != "" }
	names, pictures, err := look(dir)
	if err != nil {
		return "", err
	}
	ends := func(ext string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, ext) })
	}
	switch {
	case has("u.data") || has("u1.base"):
		return MovieLens100K, nil
	case has("ratings.dat"):
		return MovieLens1M, nil
	case has("ratings.csv") && has("movies.csv"):
		return MovieLensLatest, nil
	case ends(".inter"):
		return RecBole, nil
	case has("items.jsonl") || has("events.jsonl"):
		return JSONLines, nil
	case pictures:
		return Pictures, nil
	case ends("_item2attributes.json"):
		return Sequences, nil
	case ends(".jsonl") || ends(".ndjson"):
		return JSONLines, nil
	case ends(".parquet"):
		return Parquet, nil
	case ends(".csv") || ends(".tsv"):
		return CSV, nil
	}
	return "", fmt.Errorf("load: %s: no known files in this folder (looked for JSON Lines, CSV, Parquet, pictures, MovieLens, RecBole and S3-Rec): name a file, or the form with --format", dir)
}

// look lists a folder's file names in lower case without ".gz", and whether it
// holds pictures, here or one or two folders down.
func look(dir string) (names []string, pictures bool, err error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, false, fmt.Errorf("load: %w", err)
	}
	for _, d := range list {
		if !d.IsDir() {
			names = append(names, plain(d.Name()))
			pictures = pictures || isPicture(d.Name())
		}
	}
	for _, pattern := range []string{"*/*", "*/*/*"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		pictures = pictures || slices.ContainsFunc(found, isPicture)
	}
	return names, pictures, nil
}

func detectFile(path string) (Format, error) {
	name := plain(path)
	switch ext := filepath.Ext(name); ext {
	case ".jsonl", ".ndjson":
		return JSONLines, nil
	case ".parquet":
		return Parquet, nil
	case ".csv", ".tsv":
		return CSV, nil
	case ".inter", ".item", ".user":
		if name != "u.item" && name != "u.user" {
			return RecBole, nil
		}
		return MovieLens100K, nil
	case ".base", ".test", ".data":
		return MovieLens100K, nil
	case ".dat":
		return MovieLens1M, nil
	}
	f, err := open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head, _ := f.Peek(4096)
	return detectBytes(path, head)
}

func detectBytes(path string, head []byte) (Format, error) {
	text := string(head)
	if strings.HasPrefix(text, "PAR1") {
		return Parquet, nil
	}
	line, _, _ := strings.Cut(text, "\n")
	line = strings.TrimSpace(line)
	switch {
	case strings.HasPrefix(line, "{"):
		return JSONLines, nil
	case strings.Contains(line, ":token"):
		return RecBole, nil
	case strings.ContainsAny(line, ",;\t|"):
		return CSV, nil
	case len(strings.Fields(line)) > 1:
		return Sequences, nil
	}
	return "", fmt.Errorf("load: %s: cannot tell its form: name it with --format (%s)", path, strings.Join(Formats(), ", "))
}
