package workload

// kubernetes is the Project of Kubernetes' own kinds. They have no security
// contexts but those of their pods.
const kubernetes = "Kubernetes"

// template is where nearly every controller keeps its pod spec.
const template = "spec.template.spec"

// builtin are the kinds that describe whole pods: what is absent there is what
// the image says, as in a pod. Those of which an operator fills in the rest are
// the operators.
var builtin = []Kind{
	{Group: "", Kind: "Pod", Paths: []string{"spec"}, Project: kubernetes},
	{Group: "", Kind: "PodTemplate", Paths: []string{"template.spec"}, Project: kubernetes},
	{Group: "", Kind: "ReplicationController", Paths: []string{template}, Project: kubernetes},
	{Group: "apps", Kind: "Deployment", Paths: []string{template}, Project: kubernetes},
	{Group: "apps", Kind: "ReplicaSet", Paths: []string{template}, Project: kubernetes},
	{Group: "apps", Kind: "StatefulSet", Paths: []string{template}, Project: kubernetes},
	{Group: "apps", Kind: "DaemonSet", Paths: []string{template}, Project: kubernetes},
	{Group: "extensions", Kind: "Deployment", Paths: []string{template}, Project: kubernetes},
	{Group: "extensions", Kind: "ReplicaSet", Paths: []string{template}, Project: kubernetes},
	{Group: "extensions", Kind: "StatefulSet", Paths: []string{template}, Project: kubernetes},
	{Group: "extensions", Kind: "DaemonSet", Paths: []string{template}, Project: kubernetes},
	{Group: "batch", Kind: "Job", Paths: []string{template}, Project: kubernetes},
	{Group: "batch", Kind: "CronJob", Paths: []string{"spec.jobTemplate.spec.template.spec"}, Project: kubernetes},

	{Group: "apps.openshift.io", Kind: "DeploymentConfig", Paths: []string{template}, Project: "OpenShift"},
	{Group: "", Kind: "DeploymentConfig", Paths: []string{template}, Project: "OpenShift"},

	{Group: "argoproj.io", Kind: "Rollout", Paths: []string{template}, Project: "Argo Rollouts"},
	{Group: "argoproj.io", Kind: "Experiment", Paths: []string{"spec.templates[*].template.spec"}, Project: "Argo Rollouts"},
	{Group: "argoproj.io", Kind: "AnalysisTemplate", Paths: []string{analysisJob}, Project: "Argo Rollouts"},
	{Group: "argoproj.io", Kind: "ClusterAnalysisTemplate", Paths: []string{analysisJob}, Project: "Argo Rollouts"},
	{Group: "argoproj.io", Kind: "AnalysisRun", Paths: []string{analysisJob}, Project: "Argo Rollouts"},

	{Group: "serving.knative.dev", Kind: "Service", Paths: []string{template}, NoPodContext: true, Project: "Knative"},
	{Group: "serving.knative.dev", Kind: "Configuration", Paths: []string{template}, NoPodContext: true, Project: "Knative"},
	{Group: "serving.knative.dev", Kind: "Revision", Paths: []string{"spec"}, NoPodContext: true, Project: "Knative"},
	{Group: "sources.knative.dev", Kind: "ContainerSource", Paths: []string{template}, Project: "Knative"},

	{Group: "apps.kruise.io", Kind: "CloneSet", Paths: []string{template}, Project: "OpenKruise"},
	{Group: "apps.kruise.io", Kind: "StatefulSet", Paths: []string{template}, Project: "OpenKruise"},
	{Group: "apps.kruise.io", Kind: "DaemonSet", Paths: []string{template}, Project: "OpenKruise"},
	{Group: "apps.kruise.io", Kind: "BroadcastJob", Paths: []string{template}, Project: "OpenKruise"},
	{Group: "apps.kruise.io", Kind: "AdvancedCronJob", Paths: []string{
		"spec.template.jobTemplate.spec.template.spec",
		"spec.template.broadcastJobTemplate.spec.template.spec",
	}, Project: "OpenKruise"},
	{Group: "apps.kruise.io", Kind: "UnitedDeployment", Paths: []string{
		"spec.template.statefulSetTemplate.spec.template.spec",
		"spec.template.advancedStatefulSetTemplate.spec.template.spec",
		"spec.template.cloneSetTemplate.spec.template.spec",
		"spec.template.deploymentTemplate.spec.template.spec",
	}, Project: "OpenKruise"},
	{Group: "game.kruise.io", Kind: "GameServerSet", Paths: []string{"spec.gameServerTemplate.spec"}, Project: "OpenKruiseGame"},

	{Group: "jobset.x-k8s.io", Kind: "JobSet", Paths: []string{"spec.replicatedJobs[*].template.spec.template.spec"}, Project: "JobSet"},
	{Group: "leaderworkerset.x-k8s.io", Kind: "LeaderWorkerSet", Paths: []string{
		"spec.leaderWorkerTemplate.leaderTemplate.spec",
		"spec.leaderWorkerTemplate.workerTemplate.spec",
	}, Project: "LeaderWorkerSet"},
	{Group: "kueue.x-k8s.io", Kind: "Workload", Paths: []string{"spec.podSets[*].template.spec"}, Project: "Kueue"},

	{Group: "kubeflow.org", Kind: "PyTorchJob", Paths: []string{"spec.pytorchReplicaSpecs.*.template.spec"}, Project: "Kubeflow"},
	{Group: "kubeflow.org", Kind: "TFJob", Paths: []string{"spec.tfReplicaSpecs.*.template.spec"}, Project: "Kubeflow"},
	{Group: "kubeflow.org", Kind: "MPIJob", Paths: []string{"spec.mpiReplicaSpecs.*.template.spec"}, Project: "Kubeflow"},
	{Group: "kubeflow.org", Kind: "XGBoostJob", Paths: []string{"spec.xgbReplicaSpecs.*.template.spec"}, Project: "Kubeflow"},
	{Group: "kubeflow.org", Kind: "PaddleJob", Paths: []string{"spec.paddleReplicaSpecs.*.template.spec"}, Project: "Kubeflow"},
	{Group: "kubeflow.org", Kind: "MXJob", Paths: []string{"spec.mxReplicaSpecs.*.template.spec"}, Project: "Kubeflow"},
	{Group: "kubeflow.org", Kind: "JAXJob", Paths: []string{"spec.jaxReplicaSpecs.*.template.spec"}, Project: "Kubeflow"},
	{Group: "kubeflow.org", Kind: "Notebook", Paths: []string{template}, Project: "Kubeflow"},
	{Group: "trainer.kubeflow.org", Kind: "TrainingRuntime", Paths: []string{trainingRuntime}, Project: "Kubeflow"},
	{Group: "trainer.kubeflow.org", Kind: "ClusterTrainingRuntime", Paths: []string{trainingRuntime}, Project: "Kubeflow"},

	{Group: "batch.volcano.sh", Kind: "Job", Paths: []string{"spec.tasks[*].template.spec"}, Project: "Volcano"},
	{Group: "batch.volcano.sh", Kind: "CronJob", Paths: []string{"spec.jobTemplate.spec.tasks[*].template.spec"}, Project: "Volcano"},
	{Group: "flow.volcano.sh", Kind: "JobTemplate", Paths: []string{"spec.tasks[*].template.spec"}, Project: "Volcano"},

	{Group: "ray.io", Kind: "RayCluster", Paths: []string{
		"spec.headGroupSpec.template.spec",
		"spec.workerGroupSpecs[*].template.spec",
	}, Contexts: []string{"spec.autoscalerOptions.securityContext"}, Project: "KubeRay"},
	{Group: "ray.io", Kind: "RayJob", Paths: []string{
		"spec.rayClusterSpec.headGroupSpec.template.spec",
		"spec.rayClusterSpec.workerGroupSpecs[*].template.spec",
		"spec.submitterPodTemplate.spec",
	}, Contexts: []string{"spec.rayClusterSpec.autoscalerOptions.securityContext"}, Project: "KubeRay"},
	{Group: "ray.io", Kind: "RayService", Paths: []string{
		"spec.rayClusterConfig.headGroupSpec.template.spec",
		"spec.rayClusterConfig.workerGroupSpecs[*].template.spec",
	}, Contexts: []string{"spec.rayClusterConfig.autoscalerOptions.securityContext"}, Project: "KubeRay"},

	{Group: "argoproj.io", Kind: "Workflow", Pods: argoTemplates("spec"), Below: []string{"spec"}, Project: "Argo Workflows"},
	{Group: "argoproj.io", Kind: "WorkflowTemplate", Pods: argoTemplates("spec"), Below: []string{"spec"}, Project: "Argo Workflows"},
	{Group: "argoproj.io", Kind: "ClusterWorkflowTemplate", Pods: argoTemplates("spec"), Below: []string{"spec"}, Project: "Argo Workflows"},
	{Group: "argoproj.io", Kind: "CronWorkflow", Pods: argoTemplates("spec.workflowSpec"), Below: []string{"spec"}, Project: "Argo Workflows"},

	{Group: "tekton.dev", Kind: "Task", Pods: tektonTasks(nil, ""), Below: []string{"spec"}, Project: "Tekton"},
	{Group: "tekton.dev", Kind: "ClusterTask", Pods: tektonTasks(nil, ""), Below: []string{"spec"}, Project: "Tekton"},
	{Group: "tekton.dev", Kind: "TaskRun", Pods: tektonTasks([]Fallback{{Path: podTemplate}}, "taskSpec"), Below: []string{"spec"}, Project: "Tekton"},
	{Group: "tekton.dev", Kind: "Pipeline", Pods: tektonTasks(nil, "tasks[*].taskSpec", "finally[*].taskSpec"), Below: []string{"spec"}, Project: "Tekton"},
	{Group: "tekton.dev", Kind: "PipelineRun", Pods: tektonTasks([]Fallback{{"taskRunTemplate." + podTemplate, "v1"}, {podTemplate, "v1beta1"}},
		"pipelineSpec.tasks[*].taskSpec", "pipelineSpec.finally[*].taskSpec"), Below: []string{"spec"}, Project: "Tekton"},

	{Group: "operators.coreos.com", Kind: "ClusterServiceVersion", Paths: []string{"spec.install.spec.deployments[*].spec.template.spec"}, Project: "Operator Lifecycle Manager"},

	{Group: "keda.sh", Kind: "ScaledJob", Paths: []string{"spec.jobTargetRef.template.spec"}, Project: "KEDA"},

	{Group: "agones.dev", Kind: "GameServer", Paths: []string{template}, Project: "Agones"},
	{Group: "agones.dev", Kind: "GameServerSet", Paths: []string{"spec.template.spec.template.spec"}, Project: "Agones"},
	{Group: "agones.dev", Kind: "Fleet", Paths: []string{"spec.template.spec.template.spec"}, Project: "Agones"},

	{Group: "machinelearning.seldon.io", Kind: "SeldonDeployment", Paths: []string{
		"spec.predictors[*].componentSpecs[*].spec",
	}, Contexts: []string{"spec.predictors[*].explainer.containerSpec.securityContext"}, Project: "Seldon Core"},

	// Of operators, as the kinds in operators.go, but not below spec.
	{Group: "acid.zalan.do", Kind: "OperatorConfiguration", Below: []string{"configuration"}, Operator: true, Project: "Zalando Postgres"},
	{Group: "controller.devfile.io", Kind: "DevWorkspaceOperatorConfig", Below: []string{"config"}, Operator: true, Project: "DevWorkspace"},
	{Group: "core.matrixorigin.io", Kind: "RestoreJob", Below: []string{"overlay"}, Operator: true, Project: "MatrixOne"},
	{Group: "data.fluid.io", Kind: "CacheRuntimeClass", Below: []string{"topology"}, Operator: true, Project: "Fluid"},
	{Group: "kaito.sh", Kind: "Workspace", Below: []string{"inference", "tuning"}, Operator: true, Project: "KAITO"},
}

const (
	analysisJob     = "spec.metrics[*].provider.job.spec.template.spec"
	podTemplate     = "podTemplate.securityContext"
	trainingRuntime = "spec.template.spec.replicatedJobs[*].template.spec.template.spec"
)

// argoTemplates are the pods of the templates of an Argo workflow, whose spec is
// at base, and of those that are written where they are called. A template's own
// securityContext, merged with that of templateDefaults, replaces the workflow's as a
// whole.
func argoTemplates(base string) []Parts {
	var out []Parts
	for _, template := range []string{"templates[*]", "templates[*].steps[*][*].inline", "templates[*].dag.tasks[*].inline"} {
		out = append(out, Parts{
			Base: base, Pod: template,
			Context: "securityContext", Defaults: "templateDefaults.securityContext", Fallbacks: []Fallback{{Path: "securityContext"}},
			Containers: []ContainerPart{
				{Path: "initContainers[*]"},
				{Path: "container", Defaults: "templateDefaults.container.securityContext", FromBase: true},
				{Path: "script", Defaults: "templateDefaults.script.securityContext", FromBase: true},
				{Path: "containerSet.containers[*]"},
				{Path: "sidecars[*]"},
			},
		})
	}
	return out
}

// tektonTasks are the pods of Tekton tasks below spec; contexts are the places of
// their pods' securityContext. The steps of a task inherit from its stepTemplate,
// the sidecars do not.
func tektonTasks(contexts []Fallback, tasks ...string) []Parts {
	var out []Parts
	for _, task := range tasks {
		out = append(out, Parts{
			Base: "spec", Pod: task, Fallbacks: contexts,
			Containers: []ContainerPart{
				{Path: "steps[*]", Defaults: "stepTemplate.securityContext"},
				{Path: "sidecars[*]"},
			},
		})
	}
	return out
}

// ignored are the kinds that are never policed, beside those of policies.
// Kustomizations and Components may lack an apiVersion.
var ignored = []groupKind{
	{"kpt.dev", "Kptfile"},
	{"kustomize.config.k8s.io", "Kustomization"},
	{"kustomize.config.k8s.io", "Component"},
	{"", "Kustomization"},
	{"", "Component"},
	{"apiextensions.k8s.io", "CustomResourceDefinition"},
	{"usergroup.dev", "ImageUserLock"},

	// They hold patterns or schemas, and no values.
	{"admissionregistration.k8s.io", anyKind},
	{"apiextensions.crossplane.io", "CompositeResourceDefinition"},
	{"kyverno.io", anyKind},
	{"policies.kyverno.io", anyKind},
	{"constraints.gatekeeper.sh", anyKind},
	{"templates.gatekeeper.sh", anyKind},
	{"mutations.gatekeeper.sh", anyKind},
	{"expansion.gatekeeper.sh", anyKind},
	{"security.openshift.io", "SecurityContextConstraints"},
}
