package detect

import (
	"fmt"
	"testing"
)

func mustNew(t testing.TB, o Options) *Detector {
	t.Helper()
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// One sentence a language, written for this test.
var sentences = map[string]string{
	"ar": "الكرسي الأخضر في زاوية الغرفة", "da": "Den grønne stol står i hjørnet af værelset", "de": "Der grüne Stuhl steht in der Ecke des Zimmers",
	"en": "The green chair stands in the corner of the room", "es": "La silla verde está en el rincón de la habitación",
	"fi": "Vihreä tuoli on huoneen nurkassa ikkunan vieressä", "fr": "La chaise verte se trouve dans le coin de la pièce",
	"ga": "Tá an chathaoir ghlas i gcúinne an tseomra", "hu": "A zöld szék a szoba sarkában áll", "it": "La sedia verde si trova nell'angolo della stanza",
	"nl": "De groene stoel staat in de hoek van de kamer", "no": "Den grønne stolen står i hjørnet av rommet ved siden av vinduet",
	"pt": "A cadeira verde está no canto do quarto", "ro": "Scaunul verde se află în colțul camerei", "ru": "Зелёный стул стоит в углу комнаты",
	"sv": "Den gröna stolen står i hörnet av rummet", "ta": "பச்சை நாற்காலி அறையின் மூலையில் உள்ளது", "tr": "Yeşil sandalye odanın köşesinde duruyor",
	"pl": "Zielone krzesło stoi w kącie pokoju", "uk": "Зелений стілець стоїть у кутку кімнати", "fa": "صندلی سبز در گوشه اتاق است",
	"el": "Η πράσινη καρέκλα είναι στη γωνία", "he": "הכיסא הירוק עומד בפינת החדר", "ja": "緑の椅子は部屋の隅にあります", "zh": "绿色的椅子在房间的角落里",
	"ko": "녹색 의자는 방 구석에 있다", "th": "เก้าอี้สีเขียวอยู่ที่มุมห้อง", "hi": "हरी कुर्सी कमरे के कोने में है",
}

func TestBest(t *testing.T) {
	d := mustNew(t, Options{})
	for lang, s := range sentences {
		if g := d.Best(s); g.Lang != lang {
			t.Errorf("%q: %+v, want %s", s, g, lang)
		}
	}
	for _, s := range []string{"", "42 ... !", "\xff\xfe"} {
		if g := d.Best(s); g != (Guess{}) {
			t.Errorf("%q: %+v", s, g)
		}
	}
}

func TestOnlyTheLanguagesAskedFor(t *testing.T) {
	d := mustNew(t, Options{Languages: []string{"en", "ro"}})
	for in, want := range map[string]string{sentences["en"]: "en", sentences["ro"]: "ro", sentences["pl"]: "", sentences["ja"]: ""} {
		if g := d.Best(in); g.Lang != want {
			t.Errorf("%q: %+v, want %q", in, g, want)
		}
	}
	sum := 0.0
	for _, g := range d.Rank("casa", 9) {
		sum += g.Prob
	}
	if sum < .999 || sum > 1.001 {
		t.Errorf("probabilities add up to %v", sum)
	}
}

func TestPrior(t *testing.T) {
	en := mustNew(t, Options{Prior: map[string]float64{"en": .97, "fr": .03}}).Best("table")
	fr := mustNew(t, Options{Prior: map[string]float64{"en": .03, "fr": .97}}).Best("table")
	if en.Lang != "en" || fr.Lang != "fr" {
		t.Errorf("%+v %+v", en, fr)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, o := range []Options{{Languages: []string{"xx"}}, {Prior: map[string]float64{"xx": 1}}, {Prior: map[string]float64{"en": -1}}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

func FuzzDetect(f *testing.F) {
	for _, s := range sentences {
		f.Add(s)
	}
	f.Add("\xff\xfeabc\x00")
	d := mustNew(f, Options{Languages: []string{"en", "de", "zh"}})
	f.Fuzz(func(t *testing.T, s string) {
		for _, g := range d.Rank(s, 5) {
			if !(g.Prob >= 0 && g.Prob <= 1.0000001) {
				t.Fatalf("%q: %+v", s, g)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add(embedded[:200])
	f.Fuzz(func(t *testing.T, b []byte) {
		if table, err := decode(b); err == nil && len(table.weights) != len(table.rows)*len(table.langs) {
			t.Fatal("a table with torn rows")
		}
	})
}

func BenchmarkBest(b *testing.B) {
	d := mustNew(b, Options{})
	b.ReportAllocs()
	for b.Loop() {
		d.Best(sentences["de"])
	}
}

func ExampleDetector() {
	d, _ := New(Options{})
	fmt.Println(d.Best("Der grüne Stuhl in der Ecke").Lang)
	fmt.Println(d.Best("緑の椅子").Lang)
	// Output:
	// de
	// ja
}
