# Bowerbird. `make` alone lists the targets; `make check` is what must pass.

GO       ?= go
FUZZTIME ?= 20
OUT      := .ci/out

# Pure Go is a promise: everything is built and tested without C, but what the race detector needs.
export CGO_ENABLED := 0

# Rooms in which goroutines meet: tested under the race detector as well.
RACE := ./engine ./surface ./store/... ./retrieve ./filter ./server/... ./graph ./index/...

.PHONY: help check format vet lint portable page race-rooms native test race fuzz bench quality demo web clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

check: format vet lint portable page race-rooms native test ## what must pass before a commit, cheapest first

format:
	@.ci/format

vet:
	$(GO) vet ./...

lint:
	$(GO) tool staticcheck ./...

portable: # the one package with code for a processor, on another one
	GOARCH=arm64 $(GO) vet ./internal/vec

page:
	@.ci/page

race-rooms:
	@.ci/race -short $(RACE)

native: # models run by ONNX Runtime: built always, run where BOWERBIRD_ONNXRUNTIME names the library
	$(GO) vet -tags onnxruntime ./internal/onnx ./vision/encode ./text/sentence
	$(GO) test -tags onnxruntime ./internal/onnx ./vision/encode ./text/sentence

test: # the house test, unit tests, fuzz seeds and, where there is a Chromium, the page as a person browses it
	$(GO) test -timeout 15m ./...

race: ## the race detector on every package
	@.ci/race ./...

fuzz: ## each fuzzer for FUZZTIME seconds (20)
	@.ci/fuzz $(FUZZTIME)

bench: ## benchmarks of every package
	$(GO) test -run '^$$' -bench . -benchmem ./...

quality: ## relevance against published figures; needs ../shared/data
	$(GO) test -count 1 -v -run 'Quality|MovieLens|UKBench|Clothing|OnNorvigsSets' ./index/postings ./text/spell ./model ./vision

demo: ## the main job: make a world, learn from it, show it
	$(GO) run ./cmd/bowerbird demo

web: web/node_modules/.package-lock.json ## build the page into server/page/dist, to be committed
	cd web && npm run build

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

clean: ## remove what checks left behind
	rm -rf $(OUT)
