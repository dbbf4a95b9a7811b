package kptsdk_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	sdk "github.com/GoogleContainerTools/kpt-functions-sdk/go/fn"

	"github.com/usergroup-dev/usergroup/fn/kptsdk"
	"github.com/usergroup-dev/usergroup/internal/fntest"
)

var processor = sdk.ResourceListProcessorFunc(kptsdk.Processor{}.Process)

// TestRun runs the adapter in the SDK's Run.
func TestRun(t *testing.T) {
	fntest.Runner(t, func(input []byte) ([]byte, error) { return sdk.Run(processor, input) })
}

// TestExecute runs it in the SDK's Execute, which reads and writes through kio.
func TestExecute(t *testing.T) {
	fntest.Runner(t, func(input []byte) ([]byte, error) {
		var out bytes.Buffer
		err := sdk.Execute(kptsdk.Processor{}, bytes.NewReader(input), &out)
		return out.Bytes(), err
	})
}

// asMain makes TestAsMain the function, in a process of its own.
const asMain = "USERGROUP_TEST_AS_MAIN"

// TestAsMain runs it in the SDK's AsMain, which has the streams of its process.
func TestAsMain(t *testing.T) {
	if os.Getenv(asMain) != "" {
		if err := sdk.AsMain(processor); err != nil { //nolint:forbidigo // the test of that very runner
			os.Exit(1)
		}
		os.Exit(0)
	}
	fntest.Runner(t, func(input []byte) ([]byte, error) {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAsMain$")
		cmd.Env = append(os.Environ(), asMain+"=1")
		cmd.Stdin = bytes.NewReader(input)
		return cmd.Output()
	})
}

// TestChain: other functions of the SDK run beside it.
func TestChain(t *testing.T) {
	label := sdk.ResourceListProcessorFunc(func(rl *sdk.ResourceList) (bool, error) {
		return true, rl.Items[0].SetLabel("seen", "it")
	})
	var out strings.Builder
	err := sdk.Execute(sdk.Chain(label, kptsdk.Processor{}), strings.NewReader(fntest.List(fntest.Policy, fntest.Unset)), &out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"seen: it", "runAsUser: 1000"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
}
