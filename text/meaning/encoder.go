package meaning

import "context"

// Encoder turns texts into vectors that can be compared by their inner product: the seam for any sentence model. Encode
// returns one vector of Dim floats and length 1 for each text, or nil for a text of which it can say nothing. Vectors of
// two encoders can be compared only if Version is the same. Implementations are safe for concurrent use.
type Encoder interface {
	Name() string
	Version() string
	Dim() int
	Encode(ctx context.Context, texts []string) ([][]float32, error)
}

// Encoder returns the model as an Encoder of plain texts; terms analyses them as the training documents were.
func (m *Model) Encoder(terms func(text string) []string) Encoder { return &encoder{m, terms} }

type encoder struct {
	*Model
	terms func(string) []string
}

// Encode implements Encoder.
func (e *encoder) Encode(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		if i&255 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		v := make([]float32, e.dim)
		if e.Embed(v, e.terms(t)) {
			out[i] = v
		}
	}
	return out, nil
}
