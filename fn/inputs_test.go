package fn_test

import "strings"

const policyYAML = `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata:
  name: ids
spec:
  runAsUser:
    rule: MustRunAs
    ranges:
    - min: 1000
      max: 1999
`

// input is a ResourceList with the given pods and policyYAML.
func input(pods ...string) string {
	return "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n" + items(pods...) +
		"functionConfig:\n  " + strings.ReplaceAll(strings.TrimSpace(policyYAML), "\n", "\n  ") + "\n"
}

func items(pods ...string) string {
	var b strings.Builder
	for _, p := range pods {
		b.WriteString("- " + strings.ReplaceAll(strings.TrimSpace(p), "\n", "\n  ") + "\n")
	}
	return b.String()
}

const unsetPod = `apiVersion: v1
kind: Pod
metadata:
  name: unset
spec:
  containers:
  # the only one
  - name: app
    image: app
`

const rootPod = `apiVersion: v1
kind: Pod
metadata:
  name: root
spec:
  containers:
  - name: app
    image: app
    securityContext:
      runAsUser: 0
`
