package manifest_test

// lists are ResourceLists in all their shapes.
var lists = []string{
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\nfunctionConfig: null\nresults:\n",
	"# c\n---\napiVersion: config.kubernetes.io/v1beta1\nkind: ResourceList\nitems:\n- kind: Pod # c\n  # d\n# e\n-\n  kind: Service\n\nfunctionConfig:\n  kind: X\n  # f\nother: 1\nresults:\n- message: a\n# end\n",
	"kind: ResourceList\nresults: []\nitems: [{kind: Pod}, {kind: Service}]\nfunctionConfig: {kind: X}\napiVersion: config.kubernetes.io/v1alpha1\n",
	"{\"apiVersion\":\"config.kubernetes.io/v1\",\"kind\":\"ResourceList\",\"items\":[{\"kind\":\"Pod\"}, {\"kind\":\"Service\"}],\"functionConfig\":{\"kind\":\"X\"}}",
	"{\n  \"apiVersion\": \"config.kubernetes.io/v1\",\n  \"kind\": \"ResourceList\",\n  \"items\": [\n    {\n      \"kind\": \"Pod\"\n    }\n  ],\n  \"results\": [\n    {\n      \"message\": \"a\"\n    }\n  ]\n}\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- &a\n  kind: Pod\n  spec: &s {a: b}\n- *a\n- kind: Service\n  spec: *s\nfunctionConfig:\n  spec: *s\nother: *a\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: Pod\n  a: &x 1\n  b: *x\n- kind: Service\n  text: |\n    a\n  - kind: Fake\n  more: \"\n- kind: Fake\n\"\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: Pod\n  a: |\n    - kind: Fake\n- kind: Service\n  a: {\n- kind: Fake\n  }\n",
	"\"apiVersion\": config.kubernetes.io/v1\n'kind': ResourceList\n\"items\":\n  - kind: Pod\n    a: b\n  - {kind: Service}\n",
	"\"\\u0061piVersion\": config.kubernetes.io/v1\nkind: ResourceList\n\"item\\x73\":\n- kind: Pod\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: Pod\nitems:\n- kind: Service\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: Pod\n- \n", "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- a\n",
	"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: &i\n- kind: Pod\nother: *i\n",
	"%TAG ! tag:x,2000:\n---\napiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: !a Pod\n",
	"--- {apiVersion: config.kubernetes.io/v1, kind: ResourceList, items: [{kind: Pod}]}\n",
	"  apiVersion: config.kubernetes.io/v1\n  kind: ResourceList\n  items:\n  - kind: Pod\n  other: a\n",
	"apiVersion: config.kubernetes.io/v1\r\nkind: ResourceList\r\nitems:\r\n- kind: Pod\r\n  a: b\r\n- kind: Service\r\n",
}
