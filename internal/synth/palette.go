package synth

import "math/rand/v2"

// styles are the style families; an item has one.
var styles = []string{"minimal", "scandinavian", "mid-century", "bauhaus", "boho", "art deco", "vintage", "japandi", "retro 70s", "maximalist"}

// family is a colour family: its name, the words for it, in en de fr es ja.
type family struct {
	name   string
	shades []string  // English words that titles use
	words  [4]string // de fr es ja
}

var families = []family{
	{"neutral", []string{"oat", "sand", "cream", "linen"}, [4]string{"Sandtönen", "sable", "arena", "生成り"}},
	{"terracotta", []string{"terracotta", "rust", "burnt orange"}, [4]string{"Terrakotta", "terracotta", "terracota", "テラコッタ"}},
	{"blush", []string{"blush", "dusty rose", "soft pink"}, [4]string{"Altrosa", "vieux rose", "rosa palo", "ピンク"}},
	{"mustard", []string{"mustard", "ochre", "honey"}, [4]string{"Senfgelb", "moutarde", "mostaza", "からし色"}},
	{"sage", []string{"sage", "olive", "moss"}, [4]string{"Salbeigrün", "vert sauge", "verde salvia", "セージグリーン"}},
	{"forest", []string{"forest green", "pine green", "emerald"}, [4]string{"Tannengrün", "vert sapin", "verde bosque", "深緑"}},
	{"teal", []string{"teal", "petrol", "sea green"}, [4]string{"Petrol", "bleu canard", "verde azulado", "青緑"}},
	{"sky", []string{"sky blue", "powder blue", "pale blue"}, [4]string{"Himmelblau", "bleu ciel", "azul cielo", "水色"}},
	{"navy", []string{"navy", "indigo", "midnight blue"}, [4]string{"Nachtblau", "bleu nuit", "azul noche", "紺色"}},
	{"lilac", []string{"lilac", "mauve", "plum"}, [4]string{"Flieder", "lilas", "lila", "藤色"}},
	{"red", []string{"brick red", "cherry red", "vermilion"}, [4]string{"Kirschrot", "rouge cerise", "rojo cereza", "朱色"}},
	{"mono", []string{"black and white", "charcoal", "graphite"}, [4]string{"Schwarz-Weiß", "noir et blanc", "blanco y negro", "モノクロ"}},
}

// palette is a curated set of colours: a ground, an ink that reads on it, and
// five accents from the leading one to the smallest.
type palette struct {
	name   string
	family uint8
	dark   bool
	styles string // the digits of the styles it suits
	ground uint32
	ink    uint32
	acc    [5]uint32
}

var palettes = []palette{
	{"oatmeal", 0, false, "0147", 0xf3ece0, 0x3a332c, [5]uint32{0xc9ad8b, 0xa48a6c, 0xdcc9ae, 0x7c6a58, 0xb86f4b}},
	{"linen", 0, false, "0167", 0xf6f1e7, 0x2f2e2a, [5]uint32{0xd8c4a3, 0x8c8672, 0xe6d7bf, 0x5f6a5a, 0xc47f5a}},
	{"sandstone", 0, false, "1467", 0xefe3cf, 0x41342a, [5]uint32{0xd2a679, 0xb9835a, 0xe5c8a0, 0x8a6a4f, 0x587b7f}},
	{"terracotta sun", 1, false, "2468", 0xf5e6d3, 0x402218, [5]uint32{0xc8623d, 0xe09f5a, 0x8f3f2b, 0x5f7463, 0xf0c987}},
	{"adobe", 1, false, "478", 0xf8ead9, 0x3b2a25, [5]uint32{0xd2734c, 0xa94b35, 0xeab08a, 0x3f6b6e, 0xe5c07b}},
	{"ember", 1, true, "2589", 0x3a1d17, 0xf9e4cb, [5]uint32{0xe0663a, 0xf2a65a, 0xb23a28, 0xf6d6a0, 0x7c8a6a}},
	{"rust & teal", 1, false, "2368", 0xf2e3c9, 0x1f2d30, [5]uint32{0xbf4f2b, 0x1f6f73, 0xe8a33d, 0x7a2e1d, 0x9cc0b0}},
	{"blush", 2, false, "0147", 0xfaeee8, 0x4a2e33, [5]uint32{0xe2a79c, 0xc77b78, 0xf0cfc3, 0x8a5a5d, 0x9aa58a}},
	{"rose garden", 2, false, "4569", 0xfbeaea, 0x41232d, [5]uint32{0xd9738a, 0xa93f5f, 0xf2b5b9, 0x4f7358, 0xf0cf8a}},
	{"peach fizz", 2, false, "0289", 0xfff0e3, 0x4b2b2b, [5]uint32{0xf2937a, 0xf6c28b, 0xd9626a, 0x7fb0a8, 0xfadcc4}},
	{"raspberry night", 2, true, "589", 0x3b1128, 0xfde8e4, [5]uint32{0xe0527c, 0xf59a9a, 0x8f2450, 0xf7cf8b, 0x5aa7a0}},
	{"mustard field", 3, false, "1238", 0xf8efd6, 0x33291a, [5]uint32{0xe0a526, 0xb9791d, 0xf2cf73, 0x4d6b57, 0xc9532f}},
	{"honeycomb", 3, false, "0267", 0xfbf3dc, 0x3a2c16, [5]uint32{0xd99b2b, 0xf0c75e, 0x9a6a1c, 0x7a8f86, 0xe8dcb8}},
	{"gold leaf", 3, true, "59", 0x16211f, 0xf4e4bc, [5]uint32{0xd7a94a, 0xa77c2b, 0xf0d590, 0x2f5a52, 0x8f3b2f}},
	{"sage & cream", 4, false, "0147", 0xf2f1e4, 0x2d3a30, [5]uint32{0x9caf88, 0x6f8a6a, 0xc9d2b4, 0xc58f6a, 0x4f6350}},
	{"olive grove", 4, false, "1467", 0xf1eddb, 0x2e311f, [5]uint32{0x8a8f4a, 0x5e6a34, 0xc4bf84, 0xb96f42, 0xe0cf9a}},
	{"celadon", 4, false, "0157", 0xe9f0e6, 0x25352f, [5]uint32{0x8fb8a0, 0x5b8f7b, 0xc6dcc8, 0xe0a48a, 0x3f5f58}},
	{"fern gully", 5, false, "1469", 0xeef0e0, 0x14291f, [5]uint32{0x2f6b4a, 0x5f9a5f, 0x17452f, 0xb8cf8f, 0xe07a4a}},
	{"pine night", 5, true, "1567", 0x0f2a24, 0xeef2e0, [5]uint32{0x3f8564, 0x1e5a45, 0x8fbf96, 0xe3b565, 0xd9694a}},
	{"emerald room", 5, true, "59", 0x0b3b34, 0xf6ecd2, [5]uint32{0x1f8a6c, 0xd8a94e, 0x5fbf9a, 0xe88f74, 0x0a5a4d}},
	{"lagoon", 6, false, "0128", 0xe8f3ef, 0x123138, [5]uint32{0x2f9690, 0x176470, 0x8fcfc2, 0xf2a65e, 0xe2664f}},
	{"petrol", 6, true, "2378", 0x0f3640, 0xf3ead7, [5]uint32{0x2c8c93, 0xe8a24a, 0x6fc0b6, 0xd95f3f, 0xf2d9a4}},
	{"tide pool", 6, false, "0169", 0xf0f2e6, 0x1d3536, [5]uint32{0x4f9f94, 0x8fc4b4, 0x2a6a6c, 0xefc19a, 0xd98577}},
	{"powder sky", 7, false, "0127", 0xeef4f7, 0x24364a, [5]uint32{0x8fb9d6, 0x5a8fb8, 0xc8dfea, 0xf2b98a, 0x3f6485}},
	{"riviera", 7, false, "2689", 0xfdf4e1, 0x173a5a, [5]uint32{0x3f9fd0, 0xf4c04e, 0x1f6aa5, 0xee7752, 0xa8d8e4}},
	{"delft", 7, false, "1567", 0xf5f7f6, 0x16305e, [5]uint32{0x3a66a8, 0x7f9fcd, 0x1d3f7d, 0xbdcfe6, 0xd9a24f}},
	{"midnight", 8, true, "0579", 0x111b38, 0xf2ead8, [5]uint32{0x3a568f, 0xe8b75a, 0x22315f, 0x8ba3d0, 0xe57a5a}},
	{"indigo dye", 8, true, "1467", 0x1b2547, 0xf4efe2, [5]uint32{0x4763a0, 0x8fa7cf, 0x2c3a6b, 0xd9cdb4, 0xc9684a}},
	{"harbour", 8, false, "0236", 0xf4efe3, 0x152642, [5]uint32{0x24457a, 0xc8452f, 0x5b83b3, 0xe9b44c, 0xaec6d8}},
	{"aurora", 8, true, "089", 0x0d1730, 0xeaf6ee, [5]uint32{0x3fd0a0, 0x5a7fe0, 0x8f5ad0, 0x1f3a6a, 0xf0e08a}},
	{"lavender", 9, false, "0149", 0xf4eff6, 0x352a45, [5]uint32{0xb09acb, 0x8269a8, 0xd8c9e4, 0xeab59a, 0x8fa88a}},
	{"plum wine", 9, true, "589", 0x2b1633, 0xf6e6e4, [5]uint32{0x8a4f9a, 0xd98aa8, 0x57306a, 0xf0bf7a, 0x6aa6a0}},
	{"heather", 9, false, "1267", 0xf1ebee, 0x3b2b3b, [5]uint32{0xa3809f, 0xc9a8b8, 0x6d5272, 0x8fa39a, 0xe0b06f}},
	{"vermilion", 10, false, "2357", 0xf7eede, 0x1c1a1a, [5]uint32{0xd93a26, 0xf0b33a, 0x1f4f8f, 0x8f1f1a, 0xe8c9a4}},
	{"cherry cola", 10, true, "2689", 0x3d0f14, 0xfbe7d0, [5]uint32{0xd5323b, 0xf28f6a, 0x8a1a26, 0xf4c77a, 0xe9aeb0}},
	{"poppy", 10, false, "0469", 0xfdf3ea, 0x2d1f22, [5]uint32{0xe4472f, 0xf58f6c, 0xb02a24, 0x55775c, 0xf6c667}},
	{"newsprint", 11, false, "0367", 0xf2f0ea, 0x161616, [5]uint32{0x2e2e2e, 0x8d8a84, 0x5a5854, 0xc9c5bc, 0xd8402b}},
	{"silver gelatin", 11, false, "0257", 0xededed, 0x121417, [5]uint32{0x3b3f45, 0x9aa0a6, 0x6b7178, 0xcfd3d6, 0x1f2124}},
	{"blackboard", 11, true, "0359", 0x17181a, 0xf2f0e8, [5]uint32{0xe8e4d8, 0x8a8a86, 0x4a4b4d, 0xc9c4b4, 0xe0b23f}},
	{"confetti", 10, false, "389", 0xfff6e8, 0x22243a, [5]uint32{0xf0524a, 0x2f8fc4, 0xf7b733, 0x38a67a, 0x8f5fb0}},
}

// drawPalette draws a palette that suits the tone and, three times in four,
// the style.
func drawPalette(r *rand.Rand, style int, t tone) int {
	for range 40 {
		p := r.IntN(len(palettes))
		if t == dark && !palettes[p].dark || t == light && palettes[p].dark {
			continue
		}
		if r.Float64() < 0.25 || hasDigit(palettes[p].styles, style) {
			return p
		}
	}
	if t == dark {
		return 26
	}
	return 0
}

func hasDigit(s string, d int) bool {
	for i := range len(s) {
		if int(s[i]-'0') == d {
			return true
		}
	}
	return false
}
