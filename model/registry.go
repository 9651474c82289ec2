package model

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// trainers are all that can be named, in the order of their documentation.
func trainers() []Trainer {
	return []Trainer{Popularity{}, ItemKNN{}, RP3Beta{}, UserKNN{}, EASE{}, LocalEASE{}, SLIM{}, IALS{}, BPR{}, UltraGCN{}, SimpleX{}, LightGCN{}, Spectral{}, BSPM{}, SASRec{}, Markov{}, Mix{}}
}

// TrainerOf makes a trainer out of what a card or a log of trials says: its name and its settings as JSON. It refuses
// names and settings that it does not know.
func TrainerOf(name string, settings json.RawMessage) (Trainer, error) {
	for _, t := range trainers() {
		if t.Name() != name {
			continue
		}
		p := reflect.New(reflect.TypeOf(t))
		if err := json.Unmarshal(settings, p.Interface()); err != nil {
			return nil, fmt.Errorf("model: settings of %s: %w", name, err)
		}
		return p.Elem().Interface().(Trainer), nil
	}
	return nil, fmt.Errorf("model: no trainer is named %q", name)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *Mix) UnmarshalJSON(b []byte) error {
	var parts []struct {
		Trainer  string          `json:"trainer"`
		Settings json.RawMessage `json:"settings"`
		Share    float32         `json:"share"`
		Weigh    *Weigh          `json:"weigh"`
	}
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	t.Parts = nil
	for _, p := range parts {
		tr, err := TrainerOf(p.Trainer, p.Settings)
		if err != nil {
			return err
		}
		t.Parts = append(t.Parts, Part{tr, p.Share, p.Weigh})
	}
	return nil
}
