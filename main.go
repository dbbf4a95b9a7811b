// Command usergroup is a KRM function and a command-line tool that enforces
// which users and groups the containers of Kubernetes workloads run as.
package main

import (
	"os"

	"github.com/usergroup-dev/usergroup/internal/cmd"
)

func main() {
	os.Exit(cmd.Main(os.Args[1:], cmd.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
