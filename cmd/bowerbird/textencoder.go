package main

import (
	"os"
	"path/filepath"

	"bowerbird/text/meaning"
	"bowerbird/text/sentence"
)

// textEncoder opens a sentence model whose vectors are kept in the data folder, so
// that a start need not make them again.
func textEncoder(data, folder string) (meaning.Encoder, error) {
	e, err := sentence.Open(folder, sentence.Options{})
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, err
	}
	return meaning.Keep(filepath.Join(data, "text-vectors"), e)
}
