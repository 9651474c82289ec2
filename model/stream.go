package model

import (
	"fmt"
	"io"
)

// Write writes a model with its card to a stream, in the form of Save, for owners that publish files themselves.
func Write(w io.Writer, m Model, card Card) error {
	return write(w, m.kind(), card, m.Items(), m.encode)
}

// Read reads what Write or Save wrote, to the end of the stream. It holds twice the size in memory at the peak.
func Read(r io.Reader) (Model, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("model: read: %w", err)
	}
	return parse(b)
}

// WriteLogistic is Write for the ranker's model.
func WriteLogistic(w io.Writer, l *Logistic, card Card) error {
	return write(w, "logistic", card, l.Features(), l.encode)
}

// ReadLogistic is Read for the ranker's model.
func ReadLogistic(r io.Reader) (*Logistic, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("model: read: %w", err)
	}
	return parseLogistic(b)
}

func write(w io.Writer, kind string, card Card, items int, body func(*encoder)) error {
	card.Kind, card.Data.Items = kind, items
	b, err := marshal(card, body)
	if err == nil {
		_, err = w.Write(b)
	}
	if err != nil {
		return fmt.Errorf("model: write: %w", err)
	}
	return nil
}
