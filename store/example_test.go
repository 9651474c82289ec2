package store_test

import (
	"context"
	"fmt"
	"os"

	"bowerbird"
	"bowerbird/store"
)

// A save becomes durable, gets its numbers, and is forgotten again.
func Example() {
	dir, err := os.MkdirTemp("", "bowerbird")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	l, err := store.OpenLog(store.Dir(dir).Log(), store.LogOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()

	out, err := l.Append(ctx, []bowerbird.Event{
		{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: "lamp", Title: "A lamp"}},
		{Kind: bowerbird.BoardPut, BoardDoc: &bowerbird.Board{ID: "den", Owner: "ann"}},
		{ID: "e1", Kind: bowerbird.Save, User: "ann", Item: "lamp", Board: "den"},
		{ID: "e1", Kind: bowerbird.Save, User: "ann", Item: "lamp", Board: "den"}, // a retry
	})
	fmt.Println(out, err)

	c := store.NewCatalogue(l, store.CatalogueOptions{})
	err = l.Scan(ctx, 1, 0, func(offset uint64, e *bowerbird.Event) error {
		f, _ := c.Apply(offset, e)
		fmt.Println(f.Offset, f.Kind, f.User, f.Item, f.Board)
		return nil
	})
	fmt.Println(c.BoardItems(1), err)

	_, err = l.Erase(ctx, "ann")
	e, _ := l.Read(3)
	fmt.Println(e.Kind, err)
	// Output:
	// [{1 false} {2 false} {3 false} {3 true}] <nil>
	// 1 item_put 0 1 0
	// 2 board_put 0 0 1
	// 3 save 1 1 1
	// [1] <nil>
	// erased <nil>
}
