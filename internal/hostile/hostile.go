// Package hostile has texts that a careless reader of YAML takes for something
// else than a parser does, for the tests of packages that read YAML.
package hostile

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
)

// Random returns the source of a random test and its number of rounds: always the same
// source and few rounds, unless USERGROUP_FUZZ_SEED names another one for many. Tests
// of one package have different streams.
func Random(stream uint64, few, many int) (*rand.Rand, int) {
	seed, _ := strconv.ParseUint(os.Getenv("USERGROUP_FUZZ_SEED"), 10, 64)
	if seed > 0 {
		few = many
	}
	return rand.New(rand.NewPCG(seed, stream)), few
}

// Objects are objects written to be read differently by a careless scan than
// by a parser, and the borders of what the scan accepts.
var Objects = []string{
	"apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n",
	"kind: ConfigMap\ndata:\n  a: |\n    x\nkind: Pod\n",
	"note: \"\nkind: ConfigMap\n\"\nkind: Pod\n",
	"note: 'a\n\n  kind: ConfigMap\n  b'\nkind: Pod\n",
	"note: plain\n  kind\n  more # comment\nkind: Pod\n",
	"note: plain\n\n\n  more\n  - no entry\nkind: Pod\n",
	"\"kin\\x64\": Pod\nkind: ConfigMap\n",
	"\"ki\\\n  nd\": Pod\n",
	"'kind': Pod\n\"apiVersion\": v1\n",
	"? kind\n: Pod\n",
	"? |\n  kind\n: Pod\n",
	"{kind: Pod, apiVersion: v1}\n",
	"{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"spec\":{\"a\":[1,2,{}],\"b\":[]}}",
	"{\n\t\"kind\": \"Pod\",\n\t\"a\": [\n\t\t1\n\t]\n}\n",
	"{a: [b, c], d: {e: f}, g: \"h\", 'i': 'j', }\n",
	"{a, b: , c: }\n", "[a: b, {c: d}: e]\n", "[[a]: b]\n", "{a:b}\n", "{\"a\":b}\n", "{a: b:c}\n", "[a?b]\n",
	"[a # b\n]\n", "[a\n  b]\n", "[a\n]\n", "[a,\n---\n]\n", "[a,\n%b]\n", "[- a]\n", "[-]\n", "[a, -1, -b]\n", "[]\n", "{}\n",
	"kind: &k Pod\nother: *k\n", "<<: {kind: Pod}\n", "a: <<\n", "base: &b {kind: Pod}\n<<: *b\n",
	"kind: !!str Pod\n", "kind: ! Pod\n", "kind: !custom Pod\n", "a: !!map\n  kind: Pod\n", "a: !!str # c\n", "a: &x\n", "- &x\n- *x\n",
	"apiVersion: v1\nKIND: Pod\n", "ApiVer\u017fion: v1\nkind: Pod\n", "kind: Pod\n\"\\u212aIND\": ConfigMap\n", "{\"apiVersion\":\"v1\",\"Kind\":\"Pod\"}\n", "kind: Pod\n<<: {Kind: x}\n", "kin: Pod\nkinds: x\nkindß: y\n",
	"kind: Pod\nkind: ConfigMap\n", "kind: Pod\nkind: Pod\n", "kind: Pod\n'kind': ConfigMap\n",
	"kind: Pod\r\napiVersion: v1\r\na: |\r\n  b\r\n  c\r\n", "kind: Pod\rapiVersion: v1\r", "a: \"b\r\n\r\n  c\"\r\n",
	"kind: Pod\u0085apiVersion: v1\n", "a: b\u2028kind: Pod\n", "a: \"b\u2029kind: Pod\"\n", "\ufeffkind: Pod\n", "a: b\n\ufeffkind: Pod\n",
	"a:\tb\n", "a:\n\tb: c\n", "a: b\t# c\n", "a: b\tc\n", "-\ta\n", "a: |\n\tb\n", "a: |\n  b\n\tc\n", "a: \"b\tc\"\n", "# a\n\t# b\na: b\n",
	"--- kind: Pod\n", "---\nkind: Pod\n", "kind: Pod\n...\n", "kind: Pod\n---\nkind: ConfigMap\n", "%YAML 1.1\n---\nkind: Pod\n",
	"a: |\n  ---\nkind: Pod\n", "a: |\n---\n", "a: 'b\n---\nc'\n", "a\n---\n", "a\n... b\n", "---- a\n", "%a\n", "a\n%b\n",
	"a: |\n  b\n c\n", "a: |\n\n\n  b\n\n", "a: |\n    \n  b\n", "a: |\n  \n  b\n", "a: |+\n  b\n\n\nc: d\n", "a: |-\n  b\n\n\nc: d\n", "a: |2\n   b\n  c\n",
	"a: |1-\n  b\n", "a: |-1\n  b\n", "a: |0\n  b\n", "a: |10\n  b\n", "a: |  # c\n  b\n", "a: |#c\n  b\n", "a: | c\n  b\n", "a: |\n", "a: |", "a: |\n\n", "a: |+\n\n\n", "a: |\n  b", "a: |+\n  b\n ",
	"a: >\n  b\n  c\n\n  d\n   e\n  f\n\n\n   g\n  h\n", "a: >-\n\n  b\n\n", "a: >+\n  b\n\n", "- |\n b\n- >\n c\n", "|\n a\n", "|\na\n", ">\n\n a\n", "a:\n  |\n b\n", "a: |\n  b\n # c\n  d: e\n",
	"a: |\n  kind: Pod\n  # no comment\n# comment\nkind: ConfigMap\n",
	"a:\n- b\n- c: d\n  e: f\ng: h\n", "a:\n  - b\n  - - c\n    - d\n  -\n    e: f\n  -\n", "- a\n-\n- - - b\n", "a:\n-\nb: c\n", "a:\n- b\n c: d\n", "a:\n - b\n- c\n", "- a\nb: c\n", "- a\n - b\n", "-\n  - a\n  -\n", "- # c\n  a: b\n",
	"a: - b\n", "a: b: c\n", "a: \"b\" c\n", "a: \"b\": c\n", "\"a\"b: c\n", "\"a\": b\n", "\"a\" : b\n", "\"a\":b\n", "a : b\n", "a :b\n", "a:b\n", ":a: b\n", "?a: b\n", "-a: b\n", ": a\n", "a: :b\n", "a: ?b\n", "a: -\n", "- -\n", "a: ? b\n",
	"a: 'it''s'\n", "'it''s': a\n", "a: ''\n", "a: \"\"\n", "a: '''\n", "a: \"\\u263a \\U0001f600 \\x41 \\/\"\n", "a: \"\\ud83d\\ude00\"\n", "a: \"\\u263a\\x41\\e\\N\\_\\L\\P\\ \\'\\0\"\n", "a: \"b\\\n   c\\\n\n   d\"\n", "a: \"b \\\n  \\ c \n  d\"\n", "a: \"b\n---\"\n", "a: \"b\\\n---\"\n", "a: \"\n\n b\n\n\"\n", "a: \"b", "a: 'b",
	"a: @b\n", "a: `b\n", "a: %b\n", "a: ]\n", "a: }b\n", "a: ,b\n", "a: *b\n", "a: #b\n", "a: b#c\n", "a: b #c\n", "a:#b\n", "a: \"b\"#c\n", "a: [b]#c\n", "a: [b] #c\n", "#\na: b #\n#\n", "  # c\n  a: b\n # d\n", " a: b\nc: d\n", "  a: b\n  c:\n  - d\n",
	"a: \x00b\n", "a: \x07\n", "a: \x7f\n", "a: \xff\n", "a: \xc3\xa9\xe2\x82\xac\n", "\xc3\xa9: a\n", "a: \xc2\x80\n", "a: \xef\xbf\xbe\n", "\xfe\xffa", "",
	"a: 1\nb: 0x1f\nc: 0o17\nd: 017\ne: 1_000\nf: 1e3\ng: .5\nh: -.inf\ni: .nan\nj: 2001-01-01\nk: 2001-01-01 10:00:00\nl: +1\nm: -0\nn: 0b11\no: 1.2.3\np: 100m\nq: 1:20\n",
	"a: yes\nb: no\nc: on\nd: off\ne: true\nf: True\ng: ~\nh: null\ni: NULL\nj: nULL\nk: y\nl: .\nm: -\n\nn: '1'\n", "1: a\ntrue: b\n~: c\n1.5: d\n2001-01-01: e\n",
	"a: 123456789012345678901234567890\nb: 9223372036854775808\nc: 18446744073709551616\nd: 1__0\ne: 0x\nf: 0_x1\n",
	"a: &a [*a]\n", "a: &a {b: *a}\n", "a: *unknown\n", "a: &a 1\nb: &a 2\nc: *a\n",
	"a: {kind: Pod,\n kind: ConfigMap}\n", "a: [\nkind: Pod\n]\n", "spec:\n  a: b\nkind: Pod\n spec: x\n",
	"- !!str \u0085>\n", "? !t \n>+\n  - \n", "? 0x1\n! :\n", "?\r:true{\\x41\"a\": b\n", "? \n --- \u2028 >-\n", "a: !\n! b:\n", "a: &x\n! b: c\n", "a: &x\n  ! b\n",
	strings.Repeat("[", 300) + strings.Repeat("]", 300), strings.Repeat("- ", 300) + "a\n",
	strings.Repeat("k", 1020) + ": a\n", strings.Repeat("k", 1030) + ": a\n", "{\"" + strings.Repeat("k", 1030) + "\": a}\n", "a: " + strings.Repeat("long ", 5000) + "\n",
	"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f]\nh: [*g,*g,*g,*g,*g,*g,*g,*g]\n",
}

// Indented returns an object as it is behind a dash: every line but the
// first moved right.
func Indented(object string, column int) string {
	return strings.ReplaceAll(object, "\n", "\n"+strings.Repeat(" ", column))
}

// fragments are what YAML is made of, so that random strings of them are
// mostly near to something that a parser accepts.
var fragments = []string{
	"\n", "\n", "\n", "\n  ", "\n  ", "\n    ", "\n ", "\n- ", "\n  - ", "\n\n", "\r\n", "\r", " ", " ", "  ", "\t",
	"a: ", "a:", "kind: ", "kind: Pod", "b", "c d", ": ", ":", "- ", "-", "? ", "?", "| ", "|", "|-", "|+", "|2", ">", ">-", ">+",
	"'", "'", "''", "\"", "\"", "\\", "\\n", "\\x41", "\"a\": ", "'b'", "\"c\"", "#", " # ", "#x", "[", "]", "{", "}", ", ", ",", "[a, b]", "{a: b}",
	"---", "...", "--- ", "%YAML 1.1", "&x ", "*x", "!t ", "! ", "!!str ", "<<: ", "<<", "~", "null", "1", "0x1", "1.5", "true", "y",
	"\u0085", "\u2028", "\ufeff", "\u00e9", "\x00", "@", "`", "%", "&", "*", "!", "key: value", "items:", "apiVersion: v1",
}

// FromFragments makes text of fragments, one for each byte.
func FromFragments(data []byte) string {
	var b strings.Builder
	for _, c := range data {
		b.WriteString(fragments[int(c)%len(fragments)])
	}
	return b.String()
}

// Usual is an object with one of each of the usual ways to write a value.
const Usual = `# comment
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
  annotations: {a: "b", 'c': d}
  text: folded plain
    text of two lines

    and three
spec:
  template:
    spec:
      containers:
      - name: app   # comment
        args: ["--a", -b,
          'c']
        command:
          - sh
          - |-
            set -e

            exec app
        note: "quoted \"text\" over \
          lines
          and lines"
        empty:
        other: >
          folded
            text
      - {name: two, image: "x:1"}
`

// Mutate inserts fragments into text, or cuts something out of it.
func Mutate(r *rand.Rand, text string) string {
	for range 1 + r.IntN(3) {
		at := r.IntN(len(text) + 1)
		if r.IntN(3) == 0 {
			text = text[:at] + text[min(len(text), at+1+r.IntN(6)):]
			continue
		}
		text = text[:at] + fragments[r.IntN(len(fragments))] + text[at:]
	}
	return text
}
