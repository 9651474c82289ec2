package vision

// PartBoxes are the parts of every picture that are described beside the whole, so
// that a search by a crop finds its source: the four corners and the middle at 60 % of
// each side.
var PartBoxes = []Rect{{0, 0, .6, .6}, {.4, 0, .6, .6}, {0, .4, .6, .6}, {.4, .4, .6, .6}, {.2, .2, .6, .6}}

// PartsVersion names the boxes and what describes them.
const PartsVersion = DescriptorVersion + "-parts-1"

// Parts are the descriptors of PartBoxes, one after the other.
func (p *Picture) Parts() ([]float32, error) {
	out := make([]float32, 0, len(PartBoxes)*Dim)
	for _, b := range PartBoxes {
		v, err := p.Describe(b)
		if err != nil {
			return nil, err
		}
		out = append(out, v...)
	}
	return out, nil
}
