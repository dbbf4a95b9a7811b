package workload

// template is where nearly every controller keeps its pod spec.
const template = "spec.template.spec"

// builtin are the kinds that hold pod specs. A kind belongs here if all of its
// pods come from fields of the type PodSpec. A partial pod spec that an operator
// merges into one of its own (Prometheus, FlinkDeployment, Elasticsearch) or
// containers without a pod around them (Argo Workflow, Tekton Task) do not:
// see docs/kinds.md.
var builtin = []Kind{
	{"", "Pod", []string{"spec"}, "Kubernetes"},
	{"", "PodTemplate", []string{"template.spec"}, "Kubernetes"},
	{"", "ReplicationController", []string{template}, "Kubernetes"},
	{"apps", "Deployment", []string{template}, "Kubernetes"},
	{"apps", "ReplicaSet", []string{template}, "Kubernetes"},
	{"apps", "StatefulSet", []string{template}, "Kubernetes"},
	{"apps", "DaemonSet", []string{template}, "Kubernetes"},
	{"extensions", "Deployment", []string{template}, "Kubernetes"},
	{"extensions", "ReplicaSet", []string{template}, "Kubernetes"},
	{"extensions", "StatefulSet", []string{template}, "Kubernetes"},
	{"extensions", "DaemonSet", []string{template}, "Kubernetes"},
	{"batch", "Job", []string{template}, "Kubernetes"},
	{"batch", "CronJob", []string{"spec.jobTemplate.spec.template.spec"}, "Kubernetes"},

	{"apps.openshift.io", "DeploymentConfig", []string{template}, "OpenShift"},
	{"", "DeploymentConfig", []string{template}, "OpenShift"},

	{"argoproj.io", "Rollout", []string{template}, "Argo Rollouts"},
	{"argoproj.io", "Experiment", []string{"spec.templates[*].template.spec"}, "Argo Rollouts"},
	{"argoproj.io", "AnalysisTemplate", []string{analysisJob}, "Argo Rollouts"},
	{"argoproj.io", "ClusterAnalysisTemplate", []string{analysisJob}, "Argo Rollouts"},
	{"argoproj.io", "AnalysisRun", []string{analysisJob}, "Argo Rollouts"},

	{"serving.knative.dev", "Service", []string{template}, "Knative"},
	{"serving.knative.dev", "Configuration", []string{template}, "Knative"},
	{"serving.knative.dev", "Revision", []string{"spec"}, "Knative"},
	{"sources.knative.dev", "ContainerSource", []string{template}, "Knative"},

	{"apps.kruise.io", "CloneSet", []string{template}, "OpenKruise"},
	{"apps.kruise.io", "StatefulSet", []string{template}, "OpenKruise"},
	{"apps.kruise.io", "DaemonSet", []string{template}, "OpenKruise"},
	{"apps.kruise.io", "BroadcastJob", []string{template}, "OpenKruise"},
	{"apps.kruise.io", "AdvancedCronJob", []string{
		"spec.template.jobTemplate.spec.template.spec",
		"spec.template.broadcastJobTemplate.spec.template.spec",
	}, "OpenKruise"},
	{"apps.kruise.io", "UnitedDeployment", []string{
		"spec.template.statefulSetTemplate.spec.template.spec",
		"spec.template.advancedStatefulSetTemplate.spec.template.spec",
		"spec.template.cloneSetTemplate.spec.template.spec",
		"spec.template.deploymentTemplate.spec.template.spec",
	}, "OpenKruise"},
	{"game.kruise.io", "GameServerSet", []string{"spec.gameServerTemplate.spec"}, "OpenKruiseGame"},

	{"jobset.x-k8s.io", "JobSet", []string{"spec.replicatedJobs[*].template.spec.template.spec"}, "JobSet"},
	{"leaderworkerset.x-k8s.io", "LeaderWorkerSet", []string{
		"spec.leaderWorkerTemplate.leaderTemplate.spec",
		"spec.leaderWorkerTemplate.workerTemplate.spec",
	}, "LeaderWorkerSet"},
	{"kueue.x-k8s.io", "Workload", []string{"spec.podSets[*].template.spec"}, "Kueue"},

	{"kubeflow.org", "PyTorchJob", []string{"spec.pytorchReplicaSpecs.*.template.spec"}, "Kubeflow"},
	{"kubeflow.org", "TFJob", []string{"spec.tfReplicaSpecs.*.template.spec"}, "Kubeflow"},
	{"kubeflow.org", "MPIJob", []string{"spec.mpiReplicaSpecs.*.template.spec"}, "Kubeflow"},
	{"kubeflow.org", "XGBoostJob", []string{"spec.xgbReplicaSpecs.*.template.spec"}, "Kubeflow"},
	{"kubeflow.org", "PaddleJob", []string{"spec.paddleReplicaSpecs.*.template.spec"}, "Kubeflow"},
	{"kubeflow.org", "MXJob", []string{"spec.mxReplicaSpecs.*.template.spec"}, "Kubeflow"},
	{"kubeflow.org", "JAXJob", []string{"spec.jaxReplicaSpecs.*.template.spec"}, "Kubeflow"},
	{"kubeflow.org", "Notebook", []string{template}, "Kubeflow"},
	{"trainer.kubeflow.org", "TrainingRuntime", []string{trainingRuntime}, "Kubeflow"},
	{"trainer.kubeflow.org", "ClusterTrainingRuntime", []string{trainingRuntime}, "Kubeflow"},

	{"batch.volcano.sh", "Job", []string{"spec.tasks[*].template.spec"}, "Volcano"},
	{"flow.volcano.sh", "JobTemplate", []string{"spec.tasks[*].template.spec"}, "Volcano"},

	{"ray.io", "RayCluster", []string{
		"spec.headGroupSpec.template.spec",
		"spec.workerGroupSpecs[*].template.spec",
	}, "KubeRay"},
	{"ray.io", "RayJob", []string{
		"spec.rayClusterSpec.headGroupSpec.template.spec",
		"spec.rayClusterSpec.workerGroupSpecs[*].template.spec",
		"spec.submitterPodTemplate.spec",
	}, "KubeRay"},
	{"ray.io", "RayService", []string{
		"spec.rayClusterConfig.headGroupSpec.template.spec",
		"spec.rayClusterConfig.workerGroupSpecs[*].template.spec",
	}, "KubeRay"},

	{"keda.sh", "ScaledJob", []string{"spec.jobTargetRef.template.spec"}, "KEDA"},

	{"agones.dev", "GameServer", []string{template}, "Agones"},
	{"agones.dev", "GameServerSet", []string{"spec.template.spec.template.spec"}, "Agones"},
	{"agones.dev", "Fleet", []string{"spec.template.spec.template.spec"}, "Agones"},

	{"machinelearning.seldon.io", "SeldonDeployment", []string{"spec.predictors[*].componentSpecs[*].spec"}, "Seldon Core"},
}

const (
	analysisJob     = "spec.metrics[*].provider.job.spec.template.spec"
	trainingRuntime = "spec.template.spec.replicatedJobs[*].template.spec.template.spec"
)

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
}
