// Command cacerts prints the root certificates that the container image trusts
// when usergroup asks a registry for an image's user.
//
// They come from a module of a fixed version and not from the machine that
// builds the image, so that the image is the same wherever it is built and
// trusts nobody whom only that machine trusts.
package main

import (
	"bufio"
	"encoding/pem"
	"log"
	"os"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

func main() {
	out := bufio.NewWriter(os.Stdout)
	for root := range bundle.Roots() {
		// A file cannot express a constraint, and a root without its constraint
		// would be trusted for more than its store says.
		if root.Constraint != nil {
			continue
		}
		if err := pem.Encode(out, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			log.Fatal(err)
		}
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}
