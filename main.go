// Command usergroup is a KRM function and a command-line tool that enforces
// which users and groups the containers of Kubernetes workloads run as.
package main

func main() {}
