package sentence_test

import (
	"context"
	"fmt"
	"os"

	"bowerbird/text/sentence"
)

// A folder as sentence-transformers publishes it, with model.onnx exported into it.
func Example() {
	dir := os.Getenv("BOWERBIRD_SENTENCE")
	if dir == "" {
		fmt.Println("name a model's folder in BOWERBIRD_SENTENCE")
		return
	}
	e, err := sentence.Open(dir, sentence.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := e.Encode(context.Background(), []string{"a linen sofa", "a couch"})
	if err != nil {
		fmt.Println(err)
		return
	}
	var cosine float32
	for i := range v[0] {
		cosine += v[0][i] * v[1][i]
	}
	fmt.Printf("%d dimensions, cosine %.2f\n", e.Dim(), cosine)
	// Output: name a model's folder in BOWERBIRD_SENTENCE
}
