// Package browser opens the HTML report in a real browser. It is a module of its
// own, because the driver of the browser is needed nowhere else; "make e2e-browser"
// runs it.
package browser

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// hostile is a pod that tries to become a part of the page.
const hostile = `apiVersion: v1
kind: Pod
metadata:
  name: "</title></style><script>document.title = 'forged'</script>"
  namespace: "<img src=x onerror=\"document.title = 'forged'\">"
spec:
  containers:
  - name: "\"><svg onload=\"document.title = 'forged'\">"
    image: "javascript:document.title='forged'"
    securityContext: {runAsUser: 0, runAsGroup: "<iframe src='https://attacker.example'>"}
`

// browser is the program that is driven.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("USERGROUP_BROWSER"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	if os.Getenv("USERGROUP_HOSTS") == "required" {
		t.Fatal("no browser: install chromium, or name one in USERGROUP_BROWSER")
	}
	t.Skip("no browser")
	return ""
}

// report writes the report on all examples and the hostile pod, and returns its
// path.
func report(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "usergroup")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	pod := filepath.Join(dir, "<b>hostile.yaml")
	if err := os.WriteFile(pod, []byte(hostile), 0o666); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "report.html")
	check := exec.Command(program, "check", "-p", "examples/default/policy.yaml", "-o", "html="+file, "examples/all-kinds", "examples/validate-only", pod)
	check.Dir = root
	if out, err := check.CombinedOutput(); check.ProcessState.ExitCode() != 1 {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// problems collects what a page must not do.
type problems struct {
	mu   sync.Mutex
	list []string
}

func (p *problems) add(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, fmt.Sprintf(format, args...))
}

func (p *problems) listen(file string) func(any) {
	return func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			p.add("exception: %s", e.ExceptionDetails.Error())
		case *log.EventEntryAdded: // violations of the content security policy too
			p.add("log: %s", e.Entry.Text)
		case *page.EventJavascriptDialogOpening:
			p.add("dialog: %s", e.Message)
		case *network.EventRequestWillBeSent:
			if e.Request.URL != "file://"+file && !strings.HasPrefix(e.Request.URL, "data:") {
				p.add("request: %s", e.Request.URL)
			}
		}
	}
}

// open starts the browser on the page.
func open(t *testing.T, file string, p *problems) context.Context {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(browser(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(stop)
	chromedp.ListenTarget(ctx, p.listen(file))
	do(t, ctx, network.Enable(), log.Enable(), runtime.Enable(), chromedp.Navigate("file://"+file), chromedp.WaitVisible("#tools", chromedp.ByQuery))
	return ctx
}

func do(t *testing.T, ctx context.Context, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// value evaluates an expression in the page.
func value[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	var v T
	do(t, ctx, chromedp.Evaluate(expression, &v))
	return v
}

const (
	rowsShown     = `[...document.querySelectorAll("tr.row")].filter(e => e.checkVisibility()).length`
	findingsShown = `[...document.querySelectorAll(".finding")].filter(e => !e.closest("[hidden]")).length`
)

func TestReport(t *testing.T) {
	var p problems
	file := report(t)
	ctx := open(t, file, &p)
	rows, findings := value[int](t, ctx, rowsShown), value[int](t, ctx, findingsShown)
	if rows < 15 || findings < 25 {
		t.Fatalf("%d rows, %d findings", rows, findings)
	}

	t.Run("escapes", func(t *testing.T) {
		if title := value[string](t, ctx, "document.title"); !strings.HasPrefix(title, "usergroup: ") {
			t.Errorf("the title is %q", title)
		}
		if n := value[int](t, ctx, `document.querySelectorAll("img, iframe, svg[onload], script:not(:last-of-type), main b b").length`); n != 0 {
			t.Errorf("%d foreign elements", n)
		}
		if !value[bool](t, ctx, `document.body.textContent.includes("javascript:document.title='forged'")`) {
			t.Error("the hostile image is not shown as text")
		}
	})

	t.Run("keyboard", func(t *testing.T) {
		do(t, ctx, chromedp.KeyEvent("/"), chromedp.KeyEvent("log-agent"))
		if n := value[int](t, ctx, rowsShown); n != 1 {
			t.Errorf("%d rows for a search", n)
		}
		if n := value[int](t, ctx, findingsShown); n == 0 || n >= findings {
			t.Errorf("%d findings for a search", n)
		}
		do(t, ctx, chromedp.KeyEvent("xyzzy"))
		if !value[bool](t, ctx, `document.getElementById("none").checkVisibility()`) {
			t.Error("nothing says that nothing matches")
		}
		do(t, ctx, chromedp.KeyEvent(kb.Escape))
		if n := value[int](t, ctx, rowsShown); n != rows {
			t.Errorf("%d rows after Escape, want %d", n, rows)
		}
		// All controls can be reached with Tab, each once, and each has a name.
		do(t, ctx, chromedp.Evaluate(`document.querySelector(".skip").dataset.seen = 1; document.querySelector(".skip").focus()`, nil))
		want := value[int](t, ctx, `[...document.querySelectorAll("button, input, a[href], summary")].filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({visibilityProperty: true})).length`)
		seen := 1 // the link that skips to the findings
		for range want + 200 {
			do(t, ctx, chromedp.KeyEvent(kb.Tab))
			switch value[string](t, ctx, `(e => e === document.body ? "end" : e.dataset.seen ? "again" : (e.dataset.seen = 1, e.matches("button, input, a[href], summary") ? (e.textContent.trim() || e.labels?.[0]?.textContent.trim() ? "control" : "nameless") : "region"))(document.activeElement)`) {
			case "control":
				seen++
				continue
			case "region":
				continue
			case "nameless":
				t.Error("a control has no name")
				continue
			}
			break
		}
		if seen != want {
			t.Errorf("Tab reaches %d of %d controls", seen, want)
		}
	})

	t.Run("filters", func(t *testing.T) {
		do(t, ctx, chromedp.Focus(`.filter[data-runs=root]`, chromedp.ByQuery), chromedp.KeyEvent(" "))
		roots := value[int](t, ctx, rowsShown)
		if want := value[int](t, ctx, `document.querySelectorAll("tr.row[data-runs=root]").length`); roots != want || want == 0 {
			t.Errorf("%d rows run as root, want %d", roots, want)
		}
		if pressed := value[string](t, ctx, `document.querySelector(".filter[data-runs=anyone]").getAttribute("aria-pressed")`); pressed != "false" {
			t.Errorf("aria-pressed is %q", pressed)
		}
		// A link to what is filtered out shows it.
		do(t, ctx, chromedp.Evaluate(`location.hash = document.querySelector("tr.row[hidden]").id`, nil), chromedp.Sleep(100*time.Millisecond))
		if n := value[int](t, ctx, rowsShown); n != rows {
			t.Errorf("%d rows after a link to a hidden one", n)
		}
	})

	t.Run("themes", func(t *testing.T) {
		const background = `getComputedStyle(document.body).backgroundColor`
		before := value[string](t, ctx, background)
		// Not by the mouse: the page may still scroll to what the last link led to.
		do(t, ctx, chromedp.Focus("#theme", chromedp.ByQuery), chromedp.KeyEvent(" "))
		if after := value[string](t, ctx, background); after == before {
			t.Errorf("still %s", after)
		}
		do(t, ctx, chromedp.Evaluate(`delete document.documentElement.dataset.theme`, nil),
			emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}))
		if after := value[string](t, ctx, background); after == before {
			t.Errorf("%s on a dark system", after)
		}
		do(t, ctx, emulation.SetEmulatedMedia())
	})

	t.Run("sizes", func(t *testing.T) {
		for _, width := range []int64{400, 1400} {
			do(t, ctx, chromedp.EmulateViewport(width, 900), chromedp.Sleep(100*time.Millisecond))
			if over := value[int](t, ctx, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
				t.Errorf("at %d the page is %d pixels too wide", width, over)
			}
			save(t, ctx, width)
		}
	})

	t.Run("print", func(t *testing.T) {
		do(t, ctx, emulation.SetEmulatedMedia().WithMedia("print"))
		if value[bool](t, ctx, `document.getElementById("tools").checkVisibility()`) {
			t.Error("the filters are printed")
		}
		do(t, ctx, emulation.SetEmulatedMedia(), chromedp.ActionFunc(func(ctx context.Context) error {
			pdf, _, err := page.PrintToPDF().Do(ctx)
			if err == nil && !bytes.HasPrefix(pdf, []byte("%PDF-")) {
				t.Error("no PDF")
			}
			return err
		}))
	})

	for _, problem := range p.list {
		t.Error(problem)
	}
}

// save writes a screenshot of the whole page to dist, to be looked at.
func save(t *testing.T, ctx context.Context, width int64) {
	t.Helper()
	var shot []byte
	do(t, ctx, chromedp.FullScreenshot(&shot, 100))
	img, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	colors := map[string]bool{}
	for y := 0; y < img.Bounds().Dy(); y += 7 {
		for x := 0; x < img.Bounds().Dx(); x += 7 {
			r, g, b, _ := img.At(x, y).RGBA()
			colors[fmt.Sprint(r>>11, g>>11, b>>11)] = true
		}
	}
	if img.Bounds().Dx() != int(width) || len(colors) < 10 {
		t.Errorf("the screenshot at %d is %v with %d colours", width, img.Bounds(), len(colors))
	}
	dir := filepath.Join("..", "..", "dist")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("report-%d.png", width)), shot, 0o666); err != nil {
		t.Fatal(err)
	}
}
