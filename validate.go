package bowerbird

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// Limits of one event. They bound memory, and an honest client never meets them.
const (
	MaxName         = 256           // bytes of an id
	MaxTitle        = 1_000         // bytes
	MaxText         = 20_000        // bytes of a description
	MaxQuery        = 1_000         // bytes
	MaxList         = 100           // categories, tags, attributes, words of one attribute
	MaxVector       = 4_096         // numbers
	MinTime         = 0             // 1970
	MaxTime   int64 = 4102444800000 // 2100-01-01, Unix milliseconds
)

// Invalid says which field of an event is wrong, and how.
type Invalid struct{ Field, Message string }

func (e *Invalid) Error() string { return e.Field + ": " + e.Message }

func invalid(field, format string, a ...any) error {
	return &Invalid{field, fmt.Sprintf(format, a...)}
}

// Validate checks the event alone, without the catalogue: which fields its kind
// needs, lengths, and that numbers are finite. The error is an *Invalid.
func (e *Event) Validate() error {
	if e.Kind <= NoKind || e.Kind >= kinds || e.Kind == Erased {
		return invalid("type", "missing or unknown kind of event")
	}
	for _, f := range [...]struct{ name, value string }{
		{"id", e.ID}, {"user", e.User}, {"item", e.Item}, {"board", e.Board}, {"subject", e.Subject},
		{"topic", e.Topic}, {"request", e.Request},
	} {
		if err := name(f.name, f.value, false); err != nil {
			return err
		}
	}
	if err := text("query", e.Query, MaxQuery); err != nil {
		return err
	}
	if e.Time < MinTime || e.Time > MaxTime {
		return invalid("time", "want Unix milliseconds between 1970 and 2100, got %d", e.Time)
	}
	if math.IsNaN(e.Value) || math.IsInf(e.Value, 0) {
		return invalid("value", "is not finite")
	}
	if e.Position < 0 || e.Position > math.MaxUint16 {
		return invalid("position", "want 0 to %d", math.MaxUint16)
	}
	if e.Surface >= surfaces {
		return invalid("surface", "is none that there is")
	}
	if err := e.Served.validate(); err != nil {
		return err
	}
	return e.validateKind()
}

func (e *Event) validateKind() error {
	switch {
	case e.Kind.OnItem():
		if err := name("user", e.User, true); err != nil {
			return err
		}
		return name("item", e.Item, true)
	}
	switch e.Kind {
	case ItemPut:
		return e.ItemDoc.validate()
	case BoardPut:
		return e.BoardDoc.validate()
	case UserPut:
		return e.UserDoc.validate()
	case ItemDelete:
		return name("item", e.Item, true)
	case BoardDelete:
		return name("board", e.Board, true)
	case UserErase, SearchForget:
		return name("user", e.User, true)
	case SignalPut:
		if err := name("item", e.Item, true); err != nil {
			return err
		}
		return e.Signal.validate()
	case Search:
		if strings.TrimSpace(e.Query) == "" {
			return invalid("query", "is empty")
		}
		return name("user", e.User, true)
	case Follow, Unfollow:
		if (e.Board == "") == (e.Subject == "") {
			return invalid("subject", "name either a person (subject) or a board to follow")
		}
		return name("user", e.User, true)
	case Mute, Unmute:
		n := 0
		for _, s := range [...]string{e.Board, e.Subject, e.Topic} {
			if s != "" {
				n++
			}
		}
		if n != 1 {
			return invalid("subject", "name exactly one of a person (subject), a board or a topic to mute")
		}
		return name("user", e.User, true)
	}
	return nil
}

// Validate checks the document alone. The error is an *Invalid.
func (x *Item) Validate() error { return x.validate() }

func (x *Item) validate() error {
	if x == nil {
		return invalid("item_doc", "is missing")
	}
	if err := name("id", x.ID, true); err != nil {
		return err
	}
	for _, f := range [...]struct {
		name, value string
		max         int
	}{{"title", x.Title, MaxTitle}, {"description", x.Description, MaxText}, {"link", x.Link, 4 * MaxTitle}} {
		if err := text(f.name, f.value, f.max); err != nil {
			return err
		}
	}
	if err := name("owner", x.Owner, false); err != nil {
		return err
	}
	if err := name("language", x.Language, false); err != nil {
		return err
	}
	if err := names("categories", x.Categories); err != nil {
		return err
	}
	if err := names("tags", x.Tags); err != nil {
		return err
	}
	if err := created(x.Created); err != nil {
		return err
	}
	if err := x.Picture.validate(); err != nil {
		return err
	}
	return x.Attributes.validate("attributes")
}

func (p *Picture) validate() error {
	switch {
	case p == nil:
		return nil
	case p.Width < 0 || p.Height < 0 || p.Width > 1<<20 || p.Height > 1<<20 || len(p.Colours) > MaxList || len(p.Looks) > MaxList || len(p.Placeholder) > 4096:
		return invalid("picture", "absurd size")
	case !(p.Quality >= 0 && p.Quality <= 1):
		return invalid("picture", "the quality is %v; want 0 to 1", p.Quality)
	case !utf8.ValidString(p.Placeholder):
		return invalid("picture", "the placeholder is not valid UTF-8")
	}
	for _, s := range p.Looks {
		if err := name("picture.looks", s, false); err != nil {
			return err
		}
	}
	for _, b := range [...]string{p.Blob, p.Small, p.Large} {
		if err := name("picture", b, false); err != nil {
			return err
		}
	}
	for _, c := range p.Colours {
		if !finite(c.Share) {
			return invalid("picture", "the share of a colour is not finite")
		}
		for _, s := range [...]string{c.Hex, c.Name} {
			if err := name("picture", s, false); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *Board) validate() error {
	if b == nil {
		return invalid("board_doc", "is missing")
	}
	if err := name("id", b.ID, true); err != nil {
		return err
	}
	if err := text("title", b.Title, MaxTitle); err != nil {
		return err
	}
	if err := text("description", b.Description, MaxText); err != nil {
		return err
	}
	if err := created(b.Created); err != nil {
		return err
	}
	return name("owner", b.Owner, false)
}

func (u *User) validate() error {
	if u == nil {
		return invalid("user_doc", "is missing")
	}
	if err := name("id", u.ID, true); err != nil {
		return err
	}
	if err := text("name", u.Name, MaxTitle); err != nil {
		return err
	}
	if err := name("language", u.Language, false); err != nil {
		return err
	}
	if err := created(u.Created); err != nil {
		return err
	}
	return u.Labels.validate("labels")
}

func (s *Signal) validate() error {
	if s == nil {
		return invalid("signal", "is missing")
	}
	if err := name("signal.name", s.Name, true); err != nil {
		return err
	}
	if err := name("signal.version", s.Version, true); err != nil {
		return err
	}
	if s.Group != "" {
		if err := name("signal.group", s.Group, true); err != nil {
			return err
		}
	}
	if len(s.Vector) == 0 && s.Group == "" || len(s.Vector) > MaxVector {
		return invalid("signal.vector", "want 1 to %d numbers, got %d", MaxVector, len(s.Vector))
	}
	for i, x := range s.Vector {
		if !finite(x) {
			return invalid("signal.vector", "number %d is not finite", i)
		}
	}
	return nil
}

func (s *Served) validate() error {
	if s == nil {
		return nil
	}
	if len(s.Sources) > MaxList || len(s.Features) > MaxVector {
		return invalid("served", "at most %d sources and %d features", MaxList, MaxVector)
	}
	for _, x := range s.Features {
		if !finite(x) {
			return invalid("served", "a feature is not finite")
		}
	}
	if !finite(s.Score) {
		return invalid("served", "the score is not finite")
	}
	for _, x := range s.Sources {
		if err := name("served", x, true); err != nil {
			return err
		}
	}
	return name("served", s.Model, false)
}

func (a Attributes) validate(field string) error {
	if len(a) > MaxList {
		return invalid(field, "at most %d, got %d", MaxList, len(a))
	}
	for _, x := range a {
		if err := name(field, x.Name, true); err != nil {
			return err
		}
		if len(x.Words) > MaxList {
			return invalid(field+"."+x.Name, "at most %d words, got %d", MaxList, len(x.Words))
		}
		for _, w := range x.Words {
			if err := text(field+"."+x.Name, w, MaxTitle); err != nil {
				return err
			}
		}
		if math.IsNaN(x.Number) || math.IsInf(x.Number, 0) {
			return invalid(field+"."+x.Name, "the number is not finite")
		}
	}
	return nil
}

func finite(x float32) bool { return x-x == 0 }

func created(at int64) error {
	if at < MinTime || at > MaxTime {
		return invalid("created", "want Unix milliseconds between 1970 and 2100, got %d", at)
	}
	return nil
}

func names(field string, list []string) error {
	if len(list) > MaxList {
		return invalid(field, "at most %d, got %d", MaxList, len(list))
	}
	for i, s := range list {
		if err := name(fmt.Sprintf("%s[%d]", field, i), s, true); err != nil {
			return err
		}
	}
	return nil
}

// name accepts what may stand in a URL path once escaped: UTF-8 without control characters.
func name(field, s string, required bool) error {
	if s == "" {
		if required {
			return invalid(field, "is missing")
		}
		return nil
	}
	if len(s) > MaxName {
		return invalid(field, "longer than %d bytes", MaxName)
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == 0x7f {
			return invalid(field, "holds a control character at byte %d", i)
		}
	}
	if !utf8.ValidString(s) {
		return invalid(field, "is not valid UTF-8")
	}
	return nil
}

func text(field, s string, max int) error {
	if len(s) > max {
		return invalid(field, "longer than %d bytes", max)
	}
	if !utf8.ValidString(s) {
		return invalid(field, "is not valid UTF-8")
	}
	return nil
}
