// Command usergroup is a KRM function and a command-line tool that enforces
// which users and groups the containers of Kubernetes workloads run as.
//
// Run usergroup --help for the commands, and see
// https://github.com/usergroup-dev/usergroup for policies and hosts.
//
// For Go programs there are packages, each with an example:
//
//   - engine applies policies to manifests, config reads the policies and manifest
//     the manifests;
//   - fn is the function on streams and on objects; fn/kptsdk, fn/krmsdk and
//     fn/kyaml adapt it to the SDKs that functions are written with;
//   - image/sources opens the sources of images for policies that judge their USER;
//   - policy, podspec, image and report have the types that those take and give.
//
// docs/VERSIONING.md says what of them is contract.
package main

import (
	"os"

	"github.com/usergroup-dev/usergroup/internal/cmd"
)

func main() {
	os.Exit(cmd.Main(os.Args[1:], cmd.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Plugin: cmd.IsPlugin(os.Args[0])}))
}
