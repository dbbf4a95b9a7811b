package yamlvalue

// Reader is a parser that a manifest meets on its way to a cluster.
type Reader uint8

// The readers.
const (
	V2 Reader = iota // go-yaml v2: kubectl, the API server; and JSON
	V3               // go-yaml v3: kustomize, kpt
)

// Readers are all of them.
var Readers = []Reader{V2, V3}

// Flaw says why a key or a value is not what it must be, or not to everybody.
type Flaw uint8

// The flaws. Those of keys are what an [Entry] has, the others what the methods
// of a [Node] that read scalars return.
const (
	Fine Flaw = iota

	DuplicateKey   // the mapping has the key more than once: V2 takes the last, V3 refuses
	TaggedKey      // the key has a tag: a decoder takes its text for the key, others need not
	LateMerge      // a merge key after the key gives it another value in V2, not in V3
	OddMerge       // a key << with a tag, or an alias of one, gives it another value to some
	DuplicateMerge // it comes from a mapping with two merge keys: V2 takes the last, V3 refuses
	MergedScalar   // a merge key whose value is not a mapping: nobody reads that

	WrongType  // it is of another type
	OutOfRange // it is an integer of more than 64 bits
	Ambiguous  // it is of another type to one of the readers
)
