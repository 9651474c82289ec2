package engine

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"bowerbird"
)

func TestTaxonomy(t *testing.T) {
	for lines, want := range map[string]string{
		"home/kitchen/mug\n# a remark\n\n /garden/pot/ ": "",
		"home/kitchen/mug\nhome/kitchen/mug":             "",
		"home/kitchen\nhome/kitchen/mug\nhome":           "",
		"a/b\nc/b":                                       `line 2: "b" is below "a/b" already`,
		"a/b/A":                                          `line 1: "a" is below itself`,
		"x/y\n\ny/x":                                     `the other way round`,
		"a/b\nb/c\nc/a":                                  `line 1: "a/b" says that "a" is elsewhere`,
		"tools/kitchen\nhome/kitchen/mug":                `line 2: "home/kitchen/mug" says that "kitchen" is elsewhere`,
		"a//b":                                           `a step without a name`,
	} {
		tree, err := ReadTaxonomy(strings.NewReader(lines))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", lines, err, want)
		}
		if err == nil && len(tree) == 0 {
			t.Errorf("%q gave nothing", lines)
		}
	}
}

// TestTaxonomyIsKept: a tree that was put is there after a restart, and one from a file is
// changed there.
func TestTaxonomyIsKept(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, Options{})
	var bad *bowerbird.Invalid
	for _, paths := range [][]string{{"a/b", "b/a"}, {"a", ""}, {"a\nb"}, {"a", strings.Repeat("x", MaxTaxonomyPath+1)}} {
		if err := e.SetTaxonomy(paths); !errors.As(err, &bad) || !strings.HasPrefix(bad.Field, "paths[") {
			t.Errorf("%.40q: %v", paths, err)
		}
	}
	if err := e.SetTaxonomy([]string{"home/kitchen/mug", " /garden/pot"}); err != nil {
		t.Fatal(err)
	}
	paths, version, file := e.OwnTaxonomy()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir, Options{})
	again, same, _ := e.OwnTaxonomy()
	if file || version == "" || same != version || !slices.Equal(paths, []string{"home/kitchen/mug", "garden/pot"}) || !slices.Equal(paths, again) {
		t.Errorf("%q %q %t, after a restart %q %q", paths, version, file, again, same)
	}
	if err := e.SetTaxonomy(nil); err != nil {
		t.Fatal(err)
	}
	if paths, version, _ := e.OwnTaxonomy(); len(paths) != 0 || version != "" {
		t.Errorf("%q %q after it was taken away", paths, version)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir, Options{House: HouseOptions{Taxonomy: Taxonomy{"cup": "home/cup"}}})
	defer e.Close()
	if err := e.SetTaxonomy([]string{"a/b"}); !errors.Is(err, ErrTaxonomyFile) {
		t.Error(err)
	}
}
