package vision

// Style is the part of a built-in descriptor that says how a picture is made and not what stands
// where: its colours and its texture, without layout, outlines and shape. It has length
// 1; nil for what is no descriptor.
func Style(descriptor []float32) []float32 {
	if len(descriptor) != Dim {
		return nil
	}
	var out []float32
	at := 0
	for _, b := range blocks {
		if b.name == "color" || b.name == "texture" {
			out = append(out, descriptor[at:at+b.dim]...)
		}
		at += b.dim
	}
	scaleTo(out, 1)
	return out
}
