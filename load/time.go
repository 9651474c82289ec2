package load

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2006/01/02", "02-Jan-2006"}

// parseTime reads a time as people write it: Unix seconds, milli-, micro- or
// nanoseconds, told apart by size, or a date. "" is no time, 0.
func parseTime(s string) (int64, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, nil
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return unixMillis(f)
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil {
			return t.UnixMilli(), nil
		}
	}
	return 0, fmt.Errorf("%.40q is no time: want Unix seconds or milliseconds, or 2006-01-02T15:04:05Z", s)
}

func unixMillis(f float64) (int64, error) {
	if math.IsNaN(f) || f < 0 || f > 1e19 {
		return 0, fmt.Errorf("%g is no time", f)
	}
	switch {
	case f < 1e11:
		f *= 1e3
	case f < 1e14:
	case f < 1e17:
		f /= 1e3
	default:
		f /= 1e6
	}
	return int64(f), nil
}
