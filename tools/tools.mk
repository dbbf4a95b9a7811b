# How the pinned tools are built, into tools/bin. The Makefile includes this file.

# Kubernetes takes its version from the linker; kubectl reads it.
KUBERNETES = -X k8s.io/component-base/version.gitVersion=$(shell sed -n 's/.*k8s.io.kubernetes \(v[0-9.]*\).*/\1/p' tools/cluster/go.mod)

# The tools are built once for each version that their go.mod names.
$(TOOLS)/kustomize: PKG = sigs.k8s.io/kustomize/kustomize/v5
$(TOOLS)/kpt: PKG = .
$(TOOLS)/golangci-lint: PKG = github.com/golangci/golangci-lint/v2/cmd/golangci-lint
$(TOOLS)/benchstat: PKG = golang.org/x/perf/cmd/benchstat
$(TOOLS)/crane: PKG = github.com/google/go-containerregistry/cmd/crane
$(TOOLS)/cacerts: PKG = ./cacerts
$(TOOLS)/sbom: PKG = ./sbom
$(TOOLS)/kustomize: tools/kustomize/go.mod
$(TOOLS)/helm%: tools/helm%/go.mod
	cd $(<D) && CGO_ENABLED=0 go build -trimpath -o "$(CURDIR)/$@" helm.sh/helm/v$*/cmd/helm && touch "$(CURDIR)/$@"
$(TOOLS)/kpt: tools/kpt/go.mod tools/kpt/main.go
$(TOOLS)/golangci-lint $(TOOLS)/benchstat $(TOOLS)/crane: tools/go.mod
$(TOOLS)/cacerts $(TOOLS)/sbom: $(TOOLS)/%: tools/go.mod tools/%/main.go
$(HOSTS) $(TOOLS)/golangci-lint $(TOOLS)/benchstat $(TOOLS)/cacerts $(TOOLS)/sbom:
	cd $(<D) && CGO_ENABLED=0 GOBIN="$(CURDIR)/$(TOOLS)" go install -trimpath $(PKG) && touch "$(CURDIR)/$@"
$(TOOLS)/gator: PKG = github.com/open-policy-agent/gatekeeper/v3/cmd/gator
$(TOOLS)/kyverno: PKG = github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno
$(TOOLS)/gator $(TOOLS)/kyverno: $(TOOLS)/%: tools/%/go.mod
	cd $(<D) && CGO_ENABLED=0 go build -trimpath -o "$(CURDIR)/$@" $(PKG) && touch "$(CURDIR)/$@"
$(TOOLS)/etcd: PKG = go.etcd.io/etcd/server/v3
$(TOOLS)/kube-apiserver: PKG = k8s.io/kubernetes/cmd/kube-apiserver
$(TOOLS)/kubectl: PKG = k8s.io/kubernetes/cmd/kubectl
$(CLUSTER): tools/cluster/go.mod
	cd tools/cluster && CGO_ENABLED=0 go build -trimpath -ldflags "$(KUBERNETES)" -o "$(CURDIR)/$@" $(PKG) && touch "$(CURDIR)/$@"
$(SARIF): tools/sarif/package-lock.json
	cd tools/sarif && npm ci --ignore-scripts --no-audit --no-fund && chmod u+x node_modules/@microsoft/*/Sarif.Multitool && touch node_modules
