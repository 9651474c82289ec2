package rank

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"bowerbird/eval"
	"bowerbird/graph/embed"
	"bowerbird/index/fuse"
	"bowerbird/model"
	"bowerbird/text/meaning"
	"bowerbird/vision/adapt"
	"bowerbird/vision/label"
	"bowerbird/vision/patch"
)

// Files of a model version in the registry.
const (
	RetrievalFile = "retrieval.model"  // model.Save: user to item, item to item
	FactorsFile   = "factors.model"    // model.Save: the factor model for people alike; absent if Retrieval is one
	ContentFile   = "content.model"    // model.WriteContent: from what an item is to the factors' space; absent with the factors, or where items have no content
	SessionFile   = "session.model"    // model.Save: what comes next; absent if it was no better than item-kNN and popularity
	RelatedFile   = "related.model"    // model.Save: item to item; absent if the retrieval model is as good at it
	MeaningFile   = "meaning.model"    // meaning.Model.Save: text vectors of items and queries; absent if the texts are too few
	PicturesFile  = "pictures.bridge"  // meaning.Bridge.Save: from pictures into the space of texts; absent if pictures do not tell what is written
	PatchesFile   = "pictures.patches" // patch.Encoder.Save: how pictures are seen; absent if the built-in descriptor or the owner's encoder is as good
	AdaptedFile   = "pictures.map"     // adapt.Map.Save: after the encoder of pictures, Card.Pictures.From; absent if it did not beat its input
	GoesFile      = "goes.map"         // adapt.Map.Save: after the built-in descriptor, what goes together across categories; absent if boards do not tell
	LabelsFile    = "labels.model"     // label.Set.Save: after the built-in descriptor, what pictures are called; absent if neighbours tell every label better
	BaseFile      = "graph.vectors"    // embed.Vectors.Save: items by the graph; absent with the next where there was no graph to learn from
	AggregateFile = "graph.aggregator" // embed.Aggregator.Save: an item's vector of its content and neighbourhood
	RankerFile    = "ranker.model"     // model.SaveLogistic: the home page's ranker; absent if it was no better than fusion
)

// Card is a model version's card: what was learned, from what, and how good it
// was on later data. It is kept beside the files and shown to people.
type Card struct {
	Version   string      `json:"version"`
	Created   time.Time   `json:"created"`
	Offset    uint64      `json:"offset"`  // the log's end that it learned from
	Trainer   string      `json:"trainer"` // CatalogueOnly: none, there is no retrieval model
	Retrieval model.Card  `json:"retrieval"`
	Session   *model.Card `json:"session,omitempty"`  // of the model of order
	Related   *model.Card `json:"related,omitempty"`  // of the model of items that go with an item; absent: Retrieval's
	Features  []string    `json:"features,omitempty"` // the ranker's columns, in order
	Ranker    *model.Card `json:"ranker,omitempty"`
	Diversity float32     `json:"diversity"`          // λ of the home page's diversity
	Fusion    Fusion      `json:"fusion,omitempty"`   // of the home page, where training has changed it
	Search    *Search     `json:"search,omitempty"`   // what was learned for search
	Pictures  *Pictures   `json:"pictures,omitempty"` // what was learned of how pictures are seen; nil: not tried
	Labels    *Labels     `json:"labels,omitempty"`   // what was learned of labels; nil: too few items are called anything
	// Metrics are of the hold-out: "funnel.ndcg@10", "popularity.ndcg@10", ...
	Metrics map[string]eval.Estimate `json:"metrics"`
	Notes   []string                 `json:"notes,omitempty"` // decisions of the training, in order
}

// CatalogueOnly is the trainer of a version that learned from what items are alone,
// because too little was done to them.
const CatalogueOnly = "the catalogue alone"

// Fusion holds weights of sources in fusion by rank, by the source's name.
type Fusion map[string]float32

// Search is what a training found out for search by words.
type Search struct {
	Hybrid   fuse.Settings  `json:"hybrid"`             // of words and meaning, tuned on the owner's texts
	Evidence *fuse.Evidence `json:"evidence,omitempty"` // that they were tuned by
	Ranker   *fuse.Linear   `json:"ranker,omitempty"`   // nil: the fixed weights order better, or nothing tells
	Columns  []string       `json:"columns,omitempty"`  // the ranker's, in order

	Pictures *meaning.BridgeEvidence `json:"pictures,omitempty"` // how well pictures tell what is written of them; nil: not tried
}

// Pictures is what a training found out about encoders of pictures: the Recall@10 of saves that
// were held out of their boards, asked for by the rest of the board.
type Pictures struct {
	From     string    `json:"from"`              // version of the encoder that serves, without its map
	Seen     int       `json:"seen"`              // pictures that the encoder was learned from; 0: it was not learned
	Held     int       `json:"held"`              // saves that were held out
	Encoders []Encoder `json:"encoders"`          // those compared
	Adapted  *Encoder  `json:"adapted,omitempty"` // the map after From, whether it serves or not
	Goes     *Encoder  `json:"goes,omitempty"`    // the map of what goes together: one item of a board asked for another of another category
}

// Labels is how well labels are told on held-out items, as mean average precision.
type Labels struct {
	Learned    int     `json:"learned"`
	Linear     int     `json:"linear"` // of them, better told by the linear classifier: those serve
	Neighbours float64 `json:"neighbours"`
	Line       float64 `json:"linear_ap"`
}

// Encoder is how well one did.
type Encoder struct {
	Version string        `json:"version"`
	Recall  float64       `json:"recall@10"`
	Gain    eval.Estimate `json:"gain"` // over the first of the list or, of a map, over its input
	Serves  bool          `json:"serves"`
}

// Bundle is a loaded model version.
type Bundle struct {
	Card      Card
	Retrieval model.Model     // nil: too few actions to learn from; the catalogue alone was
	Factors   *model.Factors  // nil: none
	Content   *model.Content  // into the space of Factors; nil: none
	Session   model.Model     // of the order of actions; nil: none
	Related   model.Model     // item to item; nil: Retrieval
	Ranker    *model.Logistic // nil: fusion stands
	Meaning   *meaning.Model  // nil: search goes by words alone
	Pictures  *meaning.Bridge // into the space of Meaning; nil: an item without words is not found by them

	Patches *patch.Encoder // how pictures are seen; nil: by the built-in descriptor or the owner's encoder
	Adapted *adapt.Map     // after that, Card.Pictures.From; nil: none

	Goes *adapt.Map // after the built-in descriptor: what goes together; nil: none

	Labels *label.Set // after the built-in descriptor: linear labels; nil: neighbours tell

	// What neighbourhoods are found by: both or neither.
	Base       *embed.Vectors
	Aggregator *embed.Aggregator
}

// LoadBundle reads a model version: its card, and its files through open, which
// fails with an error that is fs.ErrNotExist for a file that the version lacks.
func LoadBundle(card []byte, open func(name string) (io.ReadCloser, error)) (*Bundle, error) {
	b := new(Bundle)
	if err := json.Unmarshal(card, &b.Card); err != nil {
		return nil, fmt.Errorf("rank: the card of the model: %w", err)
	}
	retrieval, err := read(open, RetrievalFile, model.Read)
	if err != nil && !(errors.Is(err, fs.ErrNotExist) && b.Card.Trainer == CatalogueOnly) {
		return nil, err
	}
	b.Retrieval = retrieval
	switch f, err := read(open, FactorsFile, model.Read); {
	case err == nil:
		var ok bool
		if b.Factors, ok = f.(*model.Factors); !ok {
			return nil, fmt.Errorf("rank: %s: it holds a %T, want factors", FactorsFile, f)
		}
	case errors.Is(err, fs.ErrNotExist):
		b.Factors, _ = b.Retrieval.(*model.Factors)
	default:
		return nil, err
	}
	if b.Content, err = read(open, ContentFile, model.ReadContent); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if b.Content != nil && (b.Factors == nil || b.Content.Factors() != b.Factors.Dim()) {
		return nil, fmt.Errorf("rank: %s: it does not lead into the space of %s", ContentFile, FactorsFile)
	}
	for _, f := range []struct {
		name string
		to   *model.Model
	}{{SessionFile, &b.Session}, {RelatedFile, &b.Related}} {
		if *f.to, err = read(open, f.name, model.Read); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if b.Base, err = read(open, BaseFile, embed.LoadVectors); err == nil {
		b.Aggregator, err = read(open, AggregateFile, embed.LoadAggregator)
	} else if errors.Is(err, fs.ErrNotExist) {
		b.Base, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	if b.Patches, err = read(open, PatchesFile, patch.Load); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if b.Adapted, err = read(open, AdaptedFile, adapt.Load); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if b.Goes, err = read(open, GoesFile, adapt.Load); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if b.Labels, err = read(open, LabelsFile, label.Load); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if b.Ranker, err = read(open, RankerFile, model.ReadLogistic); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if b.Meaning, err = read(open, MeaningFile, meaning.Load); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if b.Pictures, err = read(open, PicturesFile, meaning.LoadBridge); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if b.Pictures != nil && (b.Meaning == nil || b.Pictures.Out() != b.Meaning.Dim()) {
		return nil, fmt.Errorf("rank: %s: it does not lead into the space of %s", PicturesFile, MeaningFile)
	}
	return b, nil
}

func read[M any](open func(string) (io.ReadCloser, error), name string, decode func(io.Reader) (M, error)) (m M, err error) {
	r, err := open(name)
	if err != nil {
		return m, fmt.Errorf("rank: %s: %w", name, err)
	}
	defer r.Close()
	if m, err = decode(r); err != nil {
		return m, fmt.Errorf("rank: %s: %w", name, err)
	}
	return m, nil
}

// Files are the bundle's files, for a registry to write beside the card.
func (b *Bundle) Files() map[string]func(io.Writer) error {
	out := map[string]func(io.Writer) error{}
	if b.Retrieval != nil {
		out[RetrievalFile] = func(w io.Writer) error { return model.Write(w, b.Retrieval, b.Retrieval.Card()) }
	}
	if b.Factors != nil && model.Model(b.Factors) != b.Retrieval {
		out[FactorsFile] = func(w io.Writer) error { return model.Write(w, b.Factors, b.Factors.Card()) }
	}
	if b.Content != nil {
		out[ContentFile] = func(w io.Writer) error { return model.WriteContent(w, b.Content, b.Content.Card()) }
	}
	if b.Session != nil {
		out[SessionFile] = func(w io.Writer) error { return model.Write(w, b.Session, b.Session.Card()) }
	}
	if b.Related != nil {
		out[RelatedFile] = func(w io.Writer) error { return model.Write(w, b.Related, b.Related.Card()) }
	}
	if b.Meaning != nil {
		out[MeaningFile] = b.Meaning.Save
	}
	if b.Pictures != nil {
		out[PicturesFile] = b.Pictures.Save
	}
	if b.Patches != nil {
		out[PatchesFile] = b.Patches.Save
	}
	if b.Goes != nil {
		out[GoesFile] = b.Goes.Save
	}
	if b.Labels != nil {
		out[LabelsFile] = b.Labels.Save
	}
	if b.Adapted != nil {
		out[AdaptedFile] = b.Adapted.Save
	}
	if b.Base != nil && b.Aggregator != nil {
		out[BaseFile], out[AggregateFile] = b.Base.Save, b.Aggregator.Save
	}
	if b.Ranker != nil {
		out[RankerFile] = func(w io.Writer) error { return model.WriteLogistic(w, b.Ranker, b.Ranker.Card()) }
	}
	return out
}
