package text

import (
	"errors"
	"strings"
	"testing"
)

func TestPhraseThatIsTooLongIsRefused(t *testing.T) {
	a, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []ParseOptions{{}, {Lenient: true}} {
		if _, err := a.Parse(`sofa "`+strings.Repeat("usb ", 32)+`"`, o); err != nil {
			t.Error(err)
		}
		for _, q := range []string{`sofa "` + strings.Repeat("usb ", 33) + `"`} {
			_, err := a.Parse(q, o)
			var p *ParseError
			if !errors.As(err, &p) || p.Pos < 5 || p.Pos > 6 || !strings.Contains(p.Msg, "more than 32 words") {
				t.Errorf("%q: %v", q, err)
			}
		}
	}
}
