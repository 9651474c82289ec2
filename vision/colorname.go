package vision

// ColorName gives the nearest English colour name in OKLab and its basic family.
// Safe for concurrent use.
func ColorName(rgb [3]byte) (name, family string) {
	c := toLab(rgb[0], rgb[1], rgb[2])
	best, d := 0, float32(9)
	for i := range named {
		// Hue matters more to a name than lightness does.
		o := namedLab[i]
		l, a, b := 0.7*(c.l-o.l), 1.5*(c.a-o.a), 1.5*(c.b-o.b)
		if e := l*l + a*a + b*b; e < d {
			best, d = i, e
		}
	}
	return named[best].name, named[best].family
}

// Families are the basic colour terms that ColorName uses, in a fixed order.
func Families() []string {
	return []string{"black", "gray", "white", "red", "orange", "brown", "yellow", "green", "blue", "purple", "pink"}
}

// named are anchors; some names have several, since a name covers a region.
var named = []struct {
	rgb          uint32
	name, family string
}{
	{0x0a0a0a, "black", "black"}, {0x1c1c1e, "black", "black"},
	{0x36393d, "charcoal", "gray"}, {0x5c5c5c, "dark gray", "gray"}, {0x8a8a8a, "gray", "gray"}, {0x708090, "slate", "gray"},
	{0xb8b8b8, "light gray", "gray"}, {0xd6d6d6, "light gray", "gray"},
	{0xf0f0f0, "white", "white"}, {0xffffff, "white", "white"}, {0xfbf7ec, "ivory", "white"}, {0xf3e9d2, "cream", "white"},
	{0xd9c7a3, "beige", "brown"}, {0xc8a97e, "tan", "brown"}, {0xa67b50, "light brown", "brown"}, {0x7a4a26, "brown", "brown"},
	{0x4b2e1e, "dark brown", "brown"}, {0x8a7f72, "taupe", "brown"},
	{0xd21f26, "red", "red"}, {0xf03030, "red", "red"}, {0xa3161f, "dark red", "red"}, {0x6b1220, "maroon", "red"}, {0xb7472a, "rust", "red"},
	{0xf58220, "orange", "orange"}, {0xffa033, "orange", "orange"}, {0xd2691e, "dark orange", "orange"}, {0xe2725b, "terracotta", "orange"},
	{0xffb48a, "peach", "orange"}, {0xff7f60, "coral", "orange"},
	{0xffdd22, "yellow", "yellow"}, {0xfff27a, "light yellow", "yellow"}, {0xd9a520, "gold", "yellow"}, {0xc9991a, "mustard", "yellow"}, {0xe3cf86, "sand", "yellow"},
	{0x2e9b3a, "green", "green"}, {0x4cc24c, "green", "green"}, {0x1f5c2e, "dark green", "green"}, {0xa6d96a, "lime", "green"}, {0x90d890, "light green", "green"},
	{0x7d7f2a, "olive", "green"}, {0x55592b, "olive", "green"}, {0x9caf88, "sage", "green"}, {0xa8e6c9, "mint", "green"},
	{0x14827f, "teal", "blue"}, {0x40c8c0, "turquoise", "blue"}, {0x30c8e8, "cyan", "blue"}, {0x8fcdf0, "sky blue", "blue"}, {0xbcd9ec, "light blue", "blue"},
	{0x2b6fd6, "blue", "blue"}, {0x1f3fd0, "blue", "blue"}, {0x4a90d9, "blue", "blue"}, {0x4f6d8f, "steel blue", "blue"}, {0x16224a, "navy", "blue"}, {0x23306b, "navy", "blue"},
	{0x7a33b8, "purple", "purple"}, {0x9b59b6, "purple", "purple"}, {0x45206b, "dark purple", "purple"}, {0xc3aee6, "lavender", "purple"}, {0x8e4585, "plum", "purple"}, {0x5b4bc4, "indigo", "purple"},
	{0xf29ac2, "pink", "pink"}, {0xf8c8d8, "light pink", "pink"}, {0xe6308a, "hot pink", "pink"}, {0xd0408f, "magenta", "pink"}, {0xc77d86, "dusty rose", "pink"},
}

var namedLab = func() []lab {
	t := make([]lab, len(named))
	for i, n := range named {
		t[i] = toLab(byte(n.rgb>>16), byte(n.rgb>>8), byte(n.rgb))
	}
	return t
}()
