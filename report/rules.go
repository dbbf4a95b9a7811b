package report

import "github.com/usergroup-dev/usergroup/policy"

// Rule says in words what a reason means. Services that show findings group them
// by reason and show this beside them; the page at Reason.URL has the rest.
type Rule struct {
	Reason policy.Reason
	Title  string // what is wrong, a sentence without its full stop
	Help   string // why that matters and how to fix it
}

// Rules returns a row for every reason of a finding, in the order of
// docs/results.md. The reasons of changes have none.
func Rules() []Rule {
	return []Rule{
		{
			policy.UserIDOutsideRanges, "A container runs as a user outside the allowed ranges",
			"The effective runAsUser of a container, its own or the pod's, is outside the policy's ranges. Set it to an id in one of them.",
		},
		{
			policy.GroupIDOutsideRanges, "A container runs with a group outside the allowed ranges",
			"An effective runAsGroup, a supplemental group or fsGroup is outside the policy's ranges. Set it to an id in one of them.",
		},
		{
			policy.MissingUserID, "runAsUser is not set",
			"The policy requires a runAsUser, and neither the container nor the pod sets one, so the image decides. Set it, or let usergroup fix write the default.",
		},
		{
			policy.MissingGroupID, "runAsGroup is not set",
			"The policy requires a runAsGroup, and neither the container nor the pod sets one. Set it, or let usergroup fix write the default.",
		},
		{
			policy.MissingSupplementalGroupID, "supplementalGroups is not set",
			"The policy requires supplementalGroups, and the pod has none or an empty list. Set them, or let usergroup fix write the default if the field is missing.",
		},
		{
			policy.MissingFSGroup, "fsGroup is not set",
			"The policy requires an fsGroup, and the pod does not set one. Set it, or let usergroup fix write the default.",
		},
		{
			policy.ShouldRunAsNonRoot, "A container may run as root",
			"runAsNonRoot is false, or neither it nor a runAsUser above 0 is set, so the image decides and may run as root. Set runAsNonRoot to true or runAsUser to an id above 0.",
		},
		{
			policy.CannotUseRootUserID, "A container runs as root",
			"The effective runAsUser of a container is 0; on Windows, the user is ContainerAdministrator. Set another user.",
		},
		{
			policy.UnsetRequired, "A field is set that must not be",
			"The policy leaves this field to the platform, as OpenShift assigns ids itself. Remove it, or let usergroup fix remove it.",
		},
		{
			policy.SupplementalGroupsNotStrict, "Groups of the image are added to those of the pod",
			"Unless supplementalGroupsPolicy is Strict, the groups in the image's /etc/group bypass the rule for supplementalGroups. Set it to Strict.",
		},
		{
			policy.ImageConfigInvalidUserID, "The user of an image cannot be checked",
			"The image's USER is a name, which the kubelet cannot verify, or a value that no runtime accepts. Build the image with a numeric USER, or set images.resolveNames in the policy to look names up.",
		},
		{
			policy.ImageConfigInvalidGroupID, "The group of an image cannot be checked",
			"The group in the image's USER is a name, or a value that no runtime accepts. Build the image with a numeric group, or set images.resolveNames in the policy to look names up.",
		},
		{
			policy.ImageConfigUserIDOutsideRanges, "An image runs as a user outside the allowed ranges",
			"The USER of the image is outside the policy's ranges. Build the image with another USER.",
		},
		{
			policy.ImageConfigGroupIDOutsideRanges, "An image runs with a group outside the allowed ranges",
			"The group in the image's USER is outside the policy's ranges. Build the image with another USER.",
		},
		{
			policy.ImageConfigUserIDCannotBeRoot, "An image runs as root",
			"The image's USER is 0, or it is empty and nothing else sets a user. Build the image with another USER, or set runAsUser.",
		},
		{
			policy.ImageUnavailable, "An image could not be read",
			"The policy checks the USER of images, and the configuration of this one could not be read. Give access to its registry, or provide an image layout, an archive or a lock file.",
		},
		{
			policy.InvalidID, "An id is not valid",
			"Ids are integers from 0 to 2147483647; the API server refuses all others.",
		},
		{
			policy.InvalidType, "A value is of the wrong type",
			"The API server refuses the object: an id must be an integer, not a string, and a securityContext must be a mapping.",
		},
		{
			policy.AmbiguousValue, "A value is read differently by different parsers",
			"yes, no, on and off are booleans to one YAML parser and strings to another. Write true or false.",
		},
		{
			policy.DuplicateKey, "A key is defined more than once",
			"Parsers disagree on which of the two counts, so the cluster may see another value than the one that was checked. Remove one of them.",
		},
		{
			policy.PodSecurityViolation, "A Pod Security level is violated",
			"The pod violates the Pod Security Standard that the policy or its namespace requires.",
		},
		{
			policy.ImagePolicyViolation, "An image policy is violated",
			"A ClusterImagePolicy does not admit the image or the object.",
		},
		{
			policy.PodGroupWithoutUser, "The pod sets runAsGroup without runAsUser",
			"containerd does not start a pod whose securityContext has a runAsGroup and no runAsUser. Set both, or the group on the containers.",
		},
		{
			policy.Refused, "The API server refuses a setting related to ids",
			"supplementalGroupsPolicy, fsGroupChangePolicy, hostUsers or procMount has a value that the API server refuses, alone or in combination with the others. The pod would not be created.",
		},
		{
			policy.IDNotMapped, "An id does not exist in the user namespace",
			"With hostUsers: false a pod has the ids 0 to 65535, unless the kubelet is configured for more. Containers with another id do not start.",
		},
		{
			policy.UncheckedKind, "An object of an unknown kind sets users or groups",
			"The kind is not known, but something in the object looks like a pod spec, which was not checked, or is a security context that breaks the policy. Give the schema of the kind, add its paths to spec.podSpecPaths of the policy, or set spec.unknownKinds.",
		},
		{
			policy.NotEvaluated, "A part of a policy is not checked",
			"The policy has a part that usergroup does not check, so the absence of findings does not prove that the policy is satisfied.",
		},
		{
			policy.Exempted, "An object or a container is exempt",
			"The policy exempts it, or allows it to exempt itself with an annotation or a comment.",
		},
		{
			policy.WindowsSkipped, "Ids mean nothing on Windows",
			"Users and groups of a pod or an image for Windows are not checked.",
		},
		{
			policy.NothingMatched, "A policy selects nothing",
			"There are workloads, but the policy, or a selector in it, selects none of them. Look for a typo in match and exclude.",
		},
		{
			policy.PolicyConflict, "Two policies contradict each other",
			"No change satisfies both policies, so the object is unchanged. Narrow the selection of one of them.",
		},
		{
			policy.NotEdited, "The object could not be edited",
			"The fix cannot be written into the text of the object, so the object is unchanged. Fix it by hand.",
		},
		{
			policy.InvalidConfig, "A policy is not valid",
			"The configuration could not be read, and nothing was checked.",
		},
		{
			policy.InvalidUsage, "The command line is not valid",
			"A flag or an argument is wrong, and nothing was checked.",
		},
		{
			policy.Unreadable, "A file could not be read",
			"The file is broken or cannot be opened, and nothing in it was checked.",
		},
	}
}

// ruleOf returns the row of a reason; of one that has none, such as a change that
// would be made, a row without words.
func ruleOf(reason policy.Reason) Rule {
	for _, r := range Rules() {
		if r.Reason == reason {
			return r
		}
	}
	return Rule{Reason: reason, Title: string(reason), Help: "See the page of the reason."}
}
