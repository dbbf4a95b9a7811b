# The image of usergroup for those who build with a container engine. "make image"
# makes an equivalent one without: see internal/imagebuild, whose files this uses.
#
#	docker build --build-arg VERSION=$(git describe --tags --always) -t registry.example/usergroup .

FROM --platform=$BUILDPLATFORM golang:1.26.8-bookworm AS build
ENV CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOTOOLCHAIN=local
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY tools/go.mod tools/go.sum tools/
COPY tools/cacerts tools/cacerts
RUN mkdir -p /rootfs/etc/ssl/certs /rootfs/tmp && chmod 1777 /rootfs/tmp \
 && cd tools && go run ./cacerts > /rootfs/etc/ssl/certs/ca-certificates.crt
COPY . .
ARG TARGETOS TARGETARCH
ARG VERSION=devel
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath \
    -ldflags "-s -w -X github.com/usergroup-dev/usergroup/internal/cmd.version=$VERSION" -o /usergroup .

FROM scratch
COPY internal/imagebuild/rootfs/ /
COPY --from=build /rootfs/ /
COPY --from=build /usergroup /usr/local/bin/usergroup
ARG VERSION=devel
ARG REVISION=
LABEL org.opencontainers.image.title="usergroup" \
      org.opencontainers.image.description="KRM function that enforces which users and groups Kubernetes workloads run as" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      dev.usergroup.krm.function-config="usergroup.dev/v1alpha1 UserGroupPolicy" \
      dev.usergroup.krm.network="none, unless a policy looks at images"
ENV PATH=/usr/local/bin
USER 65534:65534
ENTRYPOINT ["/usr/local/bin/usergroup"]
