package store

import (
	"errors"
	"fmt"
	"math"

	"bowerbird"
)

var errWire = errors.New("the record is not a protobuf message")

// field is one field on the wire: n holds what is numeric, s what has a length.
type field struct {
	key uint32 // number<<3 | wire type
	n   uint64
	s   string
}

// uvarint reads a varint from s and returns the bytes taken, 0 if there is none.
func uvarint(s string) (uint64, int) {
	var v uint64
	for i := 0; i < len(s) && i < 10; i++ {
		c := s[i]
		if c < 0x80 {
			if i == 9 && c > 1 {
				return 0, 0
			}
			return v | uint64(c)<<(7*i), i + 1
		}
		v |= uint64(c&0x7f) << (7 * i)
	}
	return 0, 0
}

// next splits the first field off s. Groups, which proto3 does not have, are refused.
func next(s string) (f field, rest string, err error) {
	key, k := uvarint(s)
	if k == 0 || key>>3 == 0 || key>>3 >= 1<<29 {
		return f, "", errWire
	}
	f.key, s = uint32(key), s[k:]
	switch key & 7 {
	case varint:
		if f.n, k = uvarint(s); k == 0 {
			return f, "", errWire
		}
	case fixed64:
		if k = 8; len(s) < 8 {
			return f, "", errWire
		}
		f.n = uint64(le32(s)) | uint64(le32(s[4:]))<<32
	case bytesT:
		n, l := uvarint(s)
		if l == 0 || n > uint64(len(s)-l) {
			return f, "", errWire
		}
		k = l + int(n)
		f.s = s[l:k]
	case fixed32:
		if k = 4; len(s) < 4 {
			return f, "", errWire
		}
		f.n = uint64(le32(s))
	default:
		return f, "", errWire
	}
	return f, s[k:], nil
}

func le32(s string) uint32 {
	_ = s[3]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// decodeEvent reads a logpb.Event into e, which is first cleared. Unknown fields
// are skipped. The strings of e are parts of s, and everything that e points to
// is new, so both may be kept.
func decodeEvent(s string, e *bowerbird.Event) error {
	*e = bowerbird.Event{}
	for len(s) > 0 {
		f, rest, err := next(s)
		if err != nil {
			return err
		}
		s = rest
		switch f.key {
		case 1<<3 | varint:
			if f.n > math.MaxUint8 {
				return fmt.Errorf("kind %d is unknown", f.n)
			}
			e.Kind = bowerbird.Kind(f.n)
		case 2<<3 | varint:
			e.Time = int64(f.n)
		case 3<<3 | bytesT:
			e.ID = f.s
		case 4<<3 | bytesT:
			e.User = f.s
		case 5<<3 | bytesT:
			e.Item = f.s
		case 6<<3 | bytesT:
			e.Board = f.s
		case 7<<3 | bytesT:
			e.Subject = f.s
		case 8<<3 | bytesT:
			e.Topic = f.s
		case 9<<3 | fixed64:
			e.Value = math.Float64frombits(f.n)
		case 10<<3 | varint:
			if f.n > math.MaxUint8 {
				return fmt.Errorf("surface %d is unknown", f.n)
			}
			e.Surface = bowerbird.Surface(f.n)
		case 11<<3 | bytesT:
			e.Request = f.s
		case 12<<3 | varint:
			if f.n > math.MaxUint32 {
				return fmt.Errorf("position %d does not fit", f.n)
			}
			e.Position = int(f.n)
		case 13<<3 | bytesT:
			e.Query = f.s
		case 14<<3 | bytesT:
			e.ItemDoc = made(e.ItemDoc)
			err = decodeItem(f.s, e.ItemDoc)
		case 15<<3 | bytesT:
			e.BoardDoc = made(e.BoardDoc)
			err = decodeBoard(f.s, e.BoardDoc)
		case 16<<3 | bytesT:
			e.UserDoc = made(e.UserDoc)
			err = decodeUser(f.s, e.UserDoc)
		case 17<<3 | bytesT:
			e.Signal = made(e.Signal)
			err = decodeSignal(f.s, e.Signal)
		case 18<<3 | bytesT:
			e.Served = made(e.Served)
			err = decodeServed(f.s, e.Served)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// made returns p, or a new T: protobuf merges a message that comes twice.
func made[T any](p *T) *T {
	if p == nil {
		return new(T)
	}
	return p
}

// each calls fn for every field of s.
func each(s string, fn func(f field) error) error {
	for len(s) > 0 {
		f, rest, err := next(s)
		if err != nil {
			return err
		}
		if err := fn(f); err != nil {
			return err
		}
		s = rest
	}
	return nil
}

func decodeItem(s string, x *bowerbird.Item) error {
	return each(s, func(f field) error {
		switch f.key {
		case 1<<3 | bytesT:
			x.ID = f.s
		case 2<<3 | bytesT:
			x.Title = f.s
		case 3<<3 | bytesT:
			x.Description = f.s
		case 4<<3 | bytesT:
			x.Categories = append(x.Categories, f.s)
		case 5<<3 | bytesT:
			x.Tags = append(x.Tags, f.s)
		case 6<<3 | bytesT:
			return decodeAttribute(f.s, &x.Attributes)
		case 7<<3 | bytesT:
			x.Language = f.s
		case 8<<3 | bytesT:
			x.Link = f.s
		case 9<<3 | bytesT:
			x.Owner = f.s
		case 10<<3 | varint:
			x.Created = int64(f.n)
		case 11<<3 | varint:
			x.Hidden = f.n != 0
		case 12<<3 | bytesT:
			x.Picture = made(x.Picture)
			return decodePicture(f.s, x.Picture)
		}
		return nil
	})
}

func decodePicture(s string, p *bowerbird.Picture) error {
	return each(s, func(f field) error {
		switch f.key {
		case 1<<3 | bytesT:
			p.Blob = f.s
		case 2<<3 | varint:
			p.Width = int(int32(f.n))
		case 3<<3 | varint:
			p.Height = int(int32(f.n))
		case 4<<3 | bytesT:
			p.Small = f.s
		case 5<<3 | bytesT:
			p.Large = f.s
		case 6<<3 | bytesT:
			var c bowerbird.Colour
			err := each(f.s, func(f field) error {
				switch f.key {
				case 1<<3 | bytesT:
					c.Hex = f.s
				case 2<<3 | bytesT:
					c.Name = f.s
				case 3<<3 | fixed32:
					c.Share = math.Float32frombits(uint32(f.n))
				}
				return nil
			})
			p.Colours = append(p.Colours, c)
			return err
		case 7<<3 | bytesT:
			p.Placeholder = f.s
		case 8<<3 | fixed64:
			p.Fingerprint = f.n
		case 9<<3 | bytesT:
			p.Looks = append(p.Looks, f.s)
		case 10<<3 | fixed32:
			p.Quality = math.Float32frombits(uint32(f.n))
		}
		return nil
	})
}

func decodeAttribute(s string, list *bowerbird.Attributes) error {
	var a bowerbird.Attribute
	err := each(s, func(f field) error {
		switch f.key {
		case 1<<3 | bytesT:
			a.Name = f.s
		case 2<<3 | bytesT:
			a.Words = append(a.Words, f.s)
		case 3<<3 | fixed64:
			a.Number = math.Float64frombits(f.n)
		case 4<<3 | varint:
			a.Numeric = f.n != 0
		}
		return nil
	})
	*list = append(*list, a)
	return err
}

func decodeBoard(s string, x *bowerbird.Board) error {
	return each(s, func(f field) error {
		switch f.key {
		case 1<<3 | bytesT:
			x.ID = f.s
		case 2<<3 | bytesT:
			x.Title = f.s
		case 3<<3 | bytesT:
			x.Description = f.s
		case 4<<3 | bytesT:
			x.Owner = f.s
		case 5<<3 | varint:
			x.Secret = f.n != 0
		case 6<<3 | varint:
			x.Created = int64(f.n)
		}
		return nil
	})
}

func decodeUser(s string, x *bowerbird.User) error {
	return each(s, func(f field) error {
		switch f.key {
		case 1<<3 | bytesT:
			x.ID = f.s
		case 2<<3 | bytesT:
			x.Name = f.s
		case 3<<3 | bytesT:
			x.Language = f.s
		case 4<<3 | bytesT:
			return decodeAttribute(f.s, &x.Labels)
		case 5<<3 | varint:
			x.Created = int64(f.n)
		}
		return nil
	})
}

func decodeSignal(s string, x *bowerbird.Signal) error {
	return each(s, func(f field) (err error) {
		switch f.key {
		case 1<<3 | bytesT:
			x.Name = f.s
		case 2<<3 | bytesT:
			x.Version = f.s
		case 3<<3 | bytesT, 3<<3 | fixed32:
			x.Vector, err = appendFloats(x.Vector, f)
		case 4<<3 | bytesT:
			x.Group = f.s
		}
		return err
	})
}

func decodeServed(s string, x *bowerbird.Served) error {
	return each(s, func(f field) (err error) {
		switch f.key {
		case 1<<3 | bytesT:
			x.Model = f.s
		case 2<<3 | bytesT:
			x.Sources = append(x.Sources, f.s)
		case 3<<3 | bytesT, 3<<3 | fixed32:
			x.Features, err = appendFloats(x.Features, f)
		case 4<<3 | fixed32:
			x.Score = math.Float32frombits(uint32(f.n))
		}
		return err
	})
}

// appendFloats reads a packed list, or one element of an unpacked one.
func appendFloats(list []float32, f field) ([]float32, error) {
	if f.key&7 == fixed32 {
		return append(list, math.Float32frombits(uint32(f.n))), nil
	}
	if len(f.s)%4 != 0 {
		return list, errWire
	}
	if list == nil && len(f.s) > 0 {
		list = make([]float32, 0, len(f.s)/4)
	}
	for s := f.s; len(s) > 0; s = s[4:] {
		list = append(list, math.Float32frombits(le32(s)))
	}
	return list, nil
}
