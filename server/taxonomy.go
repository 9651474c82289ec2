package server

import "net/http"

// Taxonomy is the owner's tree of what things are.
type Taxonomy struct {
	Paths   []string `json:"paths" doc:"From the top down; a label that is the last step of one implies the others" example:"home/kitchen/mug"`
	Version string   `json:"version,omitempty" doc:"of the tree; it changes with it"`
	File    bool     `json:"file,omitempty" doc:"the server reads its tree from --taxonomy: it is changed there"`
}

// TaxonomyIn is a tree to put in place of the one there is.
type TaxonomyIn struct {
	Paths []string `json:"paths" doc:"as in Taxonomy; at most 50,000 of 1,024 bytes each. What is above a path need not have one of its own"`
}

func (s *Server) taxonomy(w http.ResponseWriter, _ *http.Request) error {
	paths, version, file := s.e.OwnTaxonomy()
	writeJSON(w, http.StatusOK, Taxonomy{append([]string{}, paths...), version, file})
	return nil
}

func (s *Server) putTaxonomy(w http.ResponseWriter, r *http.Request) error {
	var in TaxonomyIn
	if err := s.readInto(w, r, &in); err != nil {
		return err
	}
	if in.Paths == nil {
		return invalid("paths", "want a list of paths; DELETE takes the tree away")
	}
	if err := s.e.SetTaxonomy(in.Paths); err != nil {
		return err
	}
	return s.taxonomy(w, r)
}

func (s *Server) deleteTaxonomy(w http.ResponseWriter, r *http.Request) error {
	if err := s.e.SetTaxonomy(nil); err != nil {
		return err
	}
	return s.taxonomy(w, r)
}
