MODULE   := github.com/usergroup-dev/usergroup
VERSION  := $(or $(VERSION),$(shell git describe --tags --always --dirty 2>/dev/null || echo devel))
REVISION := $(or $(REVISION),$(shell git rev-parse HEAD 2>/dev/null))
IMAGE    ?= localhost/usergroup:$(VERSION)
EXAMPLE  ?= examples/all-kinds
FUZZTIME ?= 5s
TOOLS    := tools/bin
MODULES  := . tools tools/cluster tools/gator tools/helm3 tools/helm4 tools/kpt tools/kustomize tools/kyverno e2e/browser hosts/argocd hosts/cluster hosts/flux
MUTATED  ?= validator podspec policy internal/workload transformer
SAMPLE   ?= 0
SARIF    := tools/sarif/node_modules
CLUSTER  := $(TOOLS)/etcd $(TOOLS)/kube-apiserver $(TOOLS)/kubectl
HOSTS    := $(TOOLS)/kustomize $(TOOLS)/kpt $(TOOLS)/crane
# Of an image, the same sources give the same bytes, whatever the environment says.
STATIC   := GOFLAGS= CGO_ENABLED=0 GOAMD64=v1 GOARM64=v8.0
PLATFORMS := linux-amd64 linux-arm64 darwin-amd64 darwin-arm64 windows-amd64 windows-arm64

.PHONY: help build run test race lint mutants tidy fuzz bench neighbours image release reproducible e2e-argocd e2e-helm e2e-container e2e-cluster e2e-browser e2e-sarif verify FORCE

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

build: bin/usergroup ## build bin/usergroup

bin/usergroup: FORCE
	@go build -ldflags "-X $(MODULE)/internal/cmd.version=$(VERSION)" -o $@ .

run: bin/usergroup ## print the fixed manifests of EXAMPLE, with a summary on standard error
	@bin/usergroup fix --policy $(EXAMPLE)/policy.yaml --stdout --print-refused $(EXAMPLE)

test: $(HOSTS) ## vet, tests, scenarios, examples, and the real kustomize, kpt and Flux
	go vet ./...
	USERGROUP_HOSTS=required go test ./...
	cd hosts/flux && go vet ./... && USERGROUP_HOSTS=required go test ./...

race: ## the tests under the race detector, without the hosts
	go test -race -short ./...

lint: $(TOOLS)/golangci-lint ## linters and formatting
	$(TOOLS)/golangci-lint run ./...
	$(TOOLS)/golangci-lint fmt --diff ./...

mutants: ## small faults in the packages that judge and write that no test notices (two hours; SAMPLE=300 tries 300 a package)
	go -C tools run ./mutate -sample $(SAMPLE) -with engine,fn $(MUTATED)

tidy: ## fail where a go.mod or go.sum is not what go mod tidy makes
	@for m in $(MODULES); do echo "go mod tidy -diff in $$m" && (cd $$m && go mod tidy -diff) || exit 1; done

fuzz: ## run each fuzz target for FUZZTIME
	.ci/fuzz $(FUZZTIME)

bench: $(TOOLS)/benchstat ## the function beside functions that do nothing and neighbours, its start, then the Go benchmarks over six runs
	go run ./bench
	go run ./bench -start -runs 101
	mkdir -p dist && go test -run '^$$' -bench . -benchmem -count 6 ./... | tee dist/bench.txt
	$(TOOLS)/benchstat dist/bench.txt

neighbours: $(TOOLS)/gator $(TOOLS)/kyverno ## build gator and kyverno, which bench measures where they are (kyverno: 10 minutes and more to compile)

image: dist/linux-amd64/usergroup dist/linux-arm64/usergroup dist/ca-certificates.crt $(TOOLS)/crane ## build dist/image (OCI layout) and dist/usergroup.tar (for docker load)
	go run ./internal/imagebuild/cmd -version $(VERSION) -revision "$(REVISION)" -certificates dist/ca-certificates.crt \
	  -binary linux/amd64=dist/linux-amd64/usergroup -binary linux/arm64=dist/linux-arm64/usergroup \
	  -layout dist/image -tarball dist/usergroup.tar -tag $(IMAGE)
	$(TOOLS)/crane validate --tarball dist/usergroup.tar

release: image $(PLATFORMS:%=dist/%/sbom.json) ## the files of a release of VERSION in dist/release: archives, image, SBOMs, checksums, krew, Homebrew
	go run ./internal/release/cmd -version $(VERSION) -time $(or $(shell git log -1 --format=%ct 2>/dev/null),0) -image dist/image -out dist/release \
	  $(foreach p,$(PLATFORMS),-binary $(subst -,/,$p)=dist/$p)

reproducible: ## fail where a second build, from a copy elsewhere, has other bytes than dist/release
	.ci/reproducible $(VERSION)

dist/%/sbom.json: dist/%/usergroup $(TOOLS)/sbom
	$(TOOLS)/sbom -version $(VERSION) $< > $@.new && mv $@.new $@

dist/%/usergroup: FORCE
	$(STATIC) GOOS=$(firstword $(subst -, ,$*)) GOARCH=$(lastword $(subst -, ,$*)) go build -trimpath -buildvcs=false -ldflags "-s -w -X $(MODULE)/internal/cmd.version=$(VERSION)" -o $@ .

dist/ca-certificates.crt: $(TOOLS)/cacerts
	mkdir -p dist && $(TOOLS)/cacerts > $@.new && mv $@.new $@

e2e-argocd: $(TOOLS)/kustomize $(TOOLS)/helm3 ## the plugins with Argo CD's own plugin server and repo-server code (4 minutes to compile)
	cd hosts/argocd && go vet ./... && USERGROUP_HOSTS=required go test -count 1 ./...

e2e-helm: $(TOOLS)/helm3 $(TOOLS)/helm4 ## charts through the real Helm 3 and Helm 4 (3 minutes to compile)
	USERGROUP_HOSTS=required USERGROUP_HELM=required go test -count 1 -run Helm ./e2e/...

e2e-container: image $(HOSTS) ## run the image under podman, by hand and through kustomize and kpt
	USERGROUP_HOSTS=required USERGROUP_IMAGE=$(IMAGE) go test -count 1 -run 'Container|Image' -v ./e2e/...

e2e-cluster: $(CLUSTER) ## admission policies and fixed manifests beside a real API server
	cd hosts/cluster && go vet ./... && USERGROUP_HOSTS=required go test -count 1 -timeout 30m ./...

e2e-browser: ## the HTML report in headless Chromium; screenshots go to dist/
	cd e2e/browser && go vet ./... && USERGROUP_HOSTS=required go test -count 1 ./...

e2e-sarif: $(SARIF) ## SARIF of every dialect and example under Microsoft's validator and its rules for GitHub (needs npm)
	USERGROUP_SARIF="$(CURDIR)/$(SARIF)/@microsoft/sarif-multitool-linux/Sarif.Multitool" go test -count 1 -run SARIF ./e2e

verify: ## what CI runs
	.ci/run

include tools/tools.mk
