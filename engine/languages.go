package engine

import (
	"fmt"
	"slices"

	"bowerbird/text"
)

// languages settles the languages of the house: those that are said, which the
// data folder keeps, or those that it kept.
func (e *Engine) languages() error {
	kept, err := e.dir.Languages()
	if err != nil {
		return err
	}
	said := e.o.House.Languages
	if len(said) == 0 {
		e.o.House.Languages = kept
		return nil
	}
	if _, err := text.NewMulti(text.MultiOptions{Languages: said}); err != nil {
		return fmt.Errorf("engine: languages: %w", err)
	}
	if e.o.ReadOnly || slices.Equal(said, kept) {
		return nil
	}
	return e.dir.SetLanguages(said)
}

// NewHouse builds an empty house like the one that serves, to replay its log into.
// It goes by the vectors that training learns, not by the owner's encoder: those
// of a slow one are made behind, and what is replayed must not depend on when.
func (e *Engine) NewHouse() (*House, error) {
	o := e.houseOptions()
	o.Encoder, o.Eye = nil, nil
	return NewHouse(e.log, o)
}
