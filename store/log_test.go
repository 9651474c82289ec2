package store_test

import (
	"testing"

	"bowerbird/store"
	"bowerbird/store/storetest"
)

func open(t *testing.T, dir string) store.Log {
	t.Helper()
	l, err := store.OpenLog(dir, store.LogOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestPebbleLog(t *testing.T) { storetest.Run(t, open) }
