// Command sbom prints the bill of materials of a Go binary as CycloneDX JSON: the
// modules that the binary itself says it was built from, with their versions. The
// same binary gives the same bytes, so there is neither a time nor a serial number.
package main

import (
	"debug/buildinfo"
	"flag"
	"log"
	"os"
	"runtime/debug"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("sbom: ")
	version := flag.String("version", "", "`version` of the binary")
	flag.Parse()
	if flag.NArg() != 1 || *version == "" {
		log.Fatal("usage: sbom -version VERSION BINARY")
	}
	info, err := buildinfo.ReadFile(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	enc := cdx.NewBOMEncoder(os.Stdout, cdx.BOMFileFormatJSON).SetPretty(true)
	if err := enc.Encode(bom(info, *version)); err != nil {
		log.Fatal(err)
	}
}

func bom(info *buildinfo.BuildInfo, version string) *cdx.BOM {
	main := component(cdx.ComponentTypeApplication, info.Main.Path, version)
	out := cdx.NewBOM()
	out.Metadata = &cdx.Metadata{Component: &main}
	// Which module needs which a binary does not say: it needs all of them.
	parts := []cdx.Component{component(cdx.ComponentTypeLibrary, "std", info.GoVersion)}
	refs := []string{parts[0].BOMRef}
	for _, m := range info.Deps {
		c := module(m)
		parts, refs = append(parts, c), append(refs, c.BOMRef)
	}
	out.Components = &parts
	out.Dependencies = &[]cdx.Dependency{{Ref: main.BOMRef, Dependencies: &refs}}
	return out
}

// module is the component of a module, or of what replaces it.
func module(m *debug.Module) cdx.Component {
	for m.Replace != nil {
		m = m.Replace
	}
	return component(cdx.ComponentTypeLibrary, m.Path, m.Version)
}

func component(kind cdx.ComponentType, path, version string) cdx.Component {
	purl := "pkg:golang/" + path + "@" + version
	return cdx.Component{BOMRef: purl, Type: kind, Name: path, Version: version, PackageURL: purl}
}
