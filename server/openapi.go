package server

import (
	"embed"
	"encoding/json"
	"net/http"
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"bowerbird"
)

// spec is the OpenAPI 3.1 document of the route table, made once: huma derives
// the schemas from the Go types that the handlers decode and encode.
type spec struct{ json, yaml []byte }

type attributes struct{}

// Schema is an object of strings, numbers, booleans and lists of strings.
func (attributes) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", Description: "Named properties", AdditionalProperties: &huma.Schema{OneOf: []*huma.Schema{
		{Type: "string"}, {Type: "number"}, {Type: "boolean"}, {Type: "array", Items: &huma.Schema{Type: "string"}}}}}
}

type kindName string

// Schema lists the kinds of event that may be posted.
func (kindName) Schema(huma.Registry) *huma.Schema {
	x := &huma.Schema{Type: "string", Description: "What happened"}
	for k := bowerbird.NoKind + 1; k < bowerbird.Erased; k++ {
		if k != bowerbird.UserErase {
			x.Enum = append(x.Enum, k.String())
		}
	}
	return x
}

type surfaceName string

// Schema lists the surfaces.
func (surfaceName) Schema(huma.Registry) *huma.Schema {
	x := &huma.Schema{Type: "string", Description: "Where it was shown", Enum: []any{""}}
	for f := bowerbird.Home; f <= bowerbird.Explore; f++ {
		x.Enum = append(x.Enum, f.String())
	}
	return x
}

// schemaName keeps types of other packages apart from ours of the same name:
// bowerbird.Picture is BowerbirdPicture.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if room := path.Base(t.PkgPath()); t.Name() != "" && room != "server" && room != "." {
		name = strings.ToUpper(room[:1]) + room[1:] + name
	}
	return name
}

func (p *spec) build(routes []*route, version string) error {
	reg := huma.NewMapRegistry("#/components/schemas/", schemaName)
	for from, to := range aliases {
		reg.RegisterTypeAlias(from, to)
	}
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{Title: "Bowerbird", Version: version, License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			Description: "A self-hosted visual discovery engine. Times are Unix milliseconds; ids in paths are URL-escaped; errors are {code, message, field}."},
		Components: &huma.Components{Schemas: reg, SecuritySchemes: map[string]*huma.SecurityScheme{
			"key": {Type: "http", Scheme: "bearer", Description: "An API key of scope read, write or admin. Needed once a key exists."}}},
	}
	fault := &huma.Response{Description: "What went wrong", Content: map[string]*huma.MediaType{
		"application/json": {Schema: reg.Schema(typeOf[Problem](), true, "Problem")}}}
	for _, r := range routes {
		doc.AddOperation(r.operation(reg, fault))
	}
	var err error
	if p.json, err = json.Marshal(doc); err != nil {
		return err
	}
	p.yaml, err = doc.YAML()
	return err
}

func (r *route) operation(reg huma.Registry, fault *huma.Response) *huma.Operation {
	op := &huma.Operation{Method: r.method, Path: r.path, OperationID: r.id(), Summary: r.doc, Tags: []string{r.tag},
		Responses: map[string]*huma.Response{"default": fault}}
	for _, part := range strings.Split(r.path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			op.Parameters = append(op.Parameters, &huma.Param{Name: strings.TrimSuffix(name, "}"), In: "path", Required: true, Schema: &huma.Schema{Type: "string"}})
		}
	}
	for _, q := range r.query {
		x := &huma.Schema{Type: q.kind}
		if q.kind == "list" {
			x = &huma.Schema{Type: "array", Items: &huma.Schema{Type: "string"}}
		}
		op.Parameters = append(op.Parameters, &huma.Param{Name: q.name, In: "query", Description: q.doc, Schema: x})
	}
	takes := map[string]*huma.MediaType{}
	if r.body != nil {
		takes["application/json"] = &huma.MediaType{Schema: reg.Schema(r.body, true, "")}
	}
	if r.media != "" {
		takes[r.media] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	}
	if len(takes) > 0 {
		op.RequestBody = &huma.RequestBody{Required: true, Content: takes}
	}
	ok := &huma.Response{Description: "OK"}
	if r.answer != nil {
		ok.Content = map[string]*huma.MediaType{"application/json": {Schema: reg.Schema(r.answer, true, "")}}
	} else if r.gives != "" {
		ok.Content = map[string]*huma.MediaType{r.gives: {Schema: &huma.Schema{Type: "string"}}}
	}
	op.Responses["200"] = ok
	if !r.open {
		op.Security = []map[string][]string{{"key": {}}}
		op.Extensions = map[string]any{"x-scope": string(r.scope)}
	}
	return op
}

// id names the operation by its method and path, "get-v1-items-id".
func (r *route) id() string {
	return strings.ToLower(r.method) + strings.NewReplacer("/", "-", "{", "", "}", "", ".", "-").Replace(r.path)
}

//go:embed docs
var docs embed.FS

// docsPolicy lets the page of docs load its own two files and the document.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func (p *spec) serveJSON(w http.ResponseWriter, r *http.Request) error {
	return send(w, "application/openapi+json", p.json)
}

func (p *spec) serveYAML(w http.ResponseWriter, r *http.Request) error {
	return send(w, "application/openapi+yaml", p.yaml)
}

var docsKinds = map[string]string{"index.html": "text/html; charset=utf-8", "docs.js": "text/javascript; charset=utf-8", "docs.css": "text/css; charset=utf-8"}

func (p *spec) serveDocs(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	if name == "" {
		name = "index.html"
	}
	kind, ok := docsKinds[name]
	if !ok {
		return problem(http.StatusNotFound, "not_found", "", "there is no such path")
	}
	b, err := docs.ReadFile("docs/" + name)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", docsPolicy)
	return send(w, kind, b)
}

func send(w http.ResponseWriter, kind string, b []byte) error {
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(b) // the caller went away
	return nil
}
