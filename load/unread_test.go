package load

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func TestFieldsThatAreNotReadAreTold(t *testing.T) {
	var b strings.Builder
	for i := range 3 {
		fmt.Fprintf(&b, `{"id":"i%d","Title":"x","supplier":"HP","price":%d,"attributes":{"colour":"red"}}`+"\n", i, i)
	}
	b.WriteString(`{"id":"j","supplier":"HP","` + strings.Repeat("é", 90) + `":1,"w":1,"x":1,"y":1,"z":1}` + "\n")
	dir := write(t, map[string]string{"shop.jsonl": b.String()})
	rep, err := Read(context.Background(), dir, Options{}, func(Record) error { return nil })
	if err != nil || rep.Skipped != 0 || rep.Records != 4 {
		t.Fatalf("%+v, %v", rep, err)
	}
	want := `fields of items that mean nothing here were left out: "supplier" in 4, "price" in 3, "w" in 1, "x" in 1, "y" in 1 and 2 more. ` +
		`What is filtered, counted or searched goes under "attributes"`
	if len(rep.Notes) != 1 || rep.Notes[0] != want {
		t.Errorf("notes %q", rep.Notes)
	}

	dir = write(t, map[string]string{"items.jsonl": `{"id":"a","title":"t","attributes":{"price":1}}` + "\n", "events.jsonl": `{"user":"u","item":"a","colour":"x"}` + "\n"})
	if rep, err = Read(context.Background(), dir, Options{}, func(Record) error { return nil }); err != nil || len(rep.Notes) != 0 {
		t.Errorf("%+v, %v", rep, err)
	}
}
