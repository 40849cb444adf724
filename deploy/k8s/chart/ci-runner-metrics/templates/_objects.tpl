{{/* The objects that components share; each is empty where it is off. */}}

{{- define "ci-runner-metrics.component.daemonSet" -}}
{{- include "ci-runner-metrics.component.common" . }}
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  {{- include "ci-runner-metrics.component.metadata" . | nindent 2 }}
spec:
  selector:
    matchLabels:
      {{- include "ci-runner-metrics.component.selector" . | nindent 6 }}
  template:
    {{- include "ci-runner-metrics.component.pod" . | nindent 4 }}
{{- with .v.podMonitor }}
{{- if .enabled }}
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  {{- include "ci-runner-metrics.component.monitorMetadata" (dict "c" $ "monitor" .) | nindent 2 }}
spec:
  {{- include "ci-runner-metrics.component.monitorSpec" (dict "c" $ "monitor" .) | nindent 2 }}
  podMetricsEndpoints:
    - port: http
      relabelings:
        - targetLabel: job
          replacement: {{ $.own.job }}
        # One exporter a node: its name says more than the pod's, and stays.
        - sourceLabels: [__meta_kubernetes_pod_node_name]
          targetLabel: node
        - sourceLabels: [__meta_kubernetes_pod_node_name]
          targetLabel: instance
        - action: labeldrop
          regex: pod|container|endpoint
        {{- with .relabelings }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- include "ci-runner-metrics.component.scrape" . | nindent 6 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A Deployment that keeps its state on a volume, or has none, has one replica. */}}
{{- define "ci-runner-metrics.component.deployment" -}}
{{- include "ci-runner-metrics.component.common" . }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "ci-runner-metrics.component.metadata" . | nindent 2 }}
spec:
  replicas: {{ hasKey .own "replicas" | ternary .own.replicas 1 }}
  {{- with .own.strategy }}
  strategy:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "ci-runner-metrics.component.selector" . | nindent 6 }}
  template:
    {{- include "ci-runner-metrics.component.pod" . | nindent 4 }}
{{ include "ci-runner-metrics.component.service" . }}
{{ include "ci-runner-metrics.component.budget" . }}
{{- end -}}

{{/* What every component has: a service account, and a ConfigMap and a NetworkPolicy where they are wanted. */}}
{{- define "ci-runner-metrics.component.common" -}}
{{- if .v.serviceAccount.create }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "ci-runner-metrics.component.serviceAccount" . }}
  namespace: {{ .root.Release.Namespace | quote }}
  labels:
    {{- include "ci-runner-metrics.component.labels" (dict "c" .) | nindent 4 }}
  {{- with .v.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: {{ .v.automountServiceAccountToken }}
{{- end }}
{{- with .v.config }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "ci-runner-metrics.component.metadata" $ | nindent 2 }}
data:
  config.yml: |
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- with .v.networkPolicy }}
{{- if .enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "ci-runner-metrics.component.metadata" $ | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "ci-runner-metrics.component.selector" $ | nindent 6 }}
  policyTypes:
    - Ingress
    {{- if .egress }}
    - Egress
    {{- end }}
  ingress:
    - ports:
        {{- range $.own.ports }}
        - port: {{ .name }}
          protocol: TCP
        {{- end }}
      {{- with .from }}
      from:
        {{- toYaml . | nindent 8 }}
      {{- end }}
  {{- with .egress }}
  egress:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "ci-runner-metrics.component.service" -}}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "ci-runner-metrics.component.metadata" . | nindent 2 }}
  {{- with .v.service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ .v.service.type }}
  selector:
    {{- include "ci-runner-metrics.component.selector" . | nindent 4 }}
  ports:
    {{- range .own.servicePorts }}
    - name: {{ .name }}
      port: {{ .port }}
      targetPort: {{ .name }}
      protocol: TCP
    {{- end }}
{{- if .v.serviceMonitor.enabled }}
{{- $host := printf "%s.%s.svc" (include "ci-runner-metrics.component.name" .) .root.Release.Namespace }}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "ci-runner-metrics.component.monitorMetadata" (dict "c" . "monitor" .v.serviceMonitor) | nindent 2 }}
spec:
  {{- include "ci-runner-metrics.component.monitorSpec" (dict "c" . "monitor" .v.serviceMonitor) | nindent 2 }}
  endpoints:
    {{- range .own.scrapes }}
    - port: {{ .port }}
      path: {{ .path }}
      relabelings:
        - targetLabel: job
          replacement: {{ .job }}
        {{- if .through }}
        # Every pod becomes the Service, and Prometheus scrapes the same target once: what it says is the same whichever pod
        # answers, and keeps its identity when pods come and go.
        - targetLabel: __address__
          replacement: {{ $host }}:{{ .through }}
        - action: labeldrop
          regex: pod|container|endpoint|node
        {{- end }}
        {{- with $.v.serviceMonitor.relabelings }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- include "ci-runner-metrics.component.scrape" $.v.serviceMonitor | nindent 6 }}
    {{- end }}
{{- end }}
{{- with .v.ingress }}
{{- if and .enabled $.own.ingress }}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  {{- include "ci-runner-metrics.component.metadata" $ | nindent 2 }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- if .tlsSecret }}
  tls:
    - hosts: [{{ required "ingress.host is needed with ingress.tlsSecret" .host | quote }}]
      secretName: {{ .tlsSecret }}
  {{- end }}
  rules:
    - {{ with .host }}host: {{ . | quote }}
      {{ end }}http:
        paths:
          {{- range $.own.ingress.paths }}
          - path: {{ . }}
            pathType: Exact
            backend:
              service:
                name: {{ include "ci-runner-metrics.component.name" $ }}
                port:
                  name: {{ $.own.ingress.port }}
          {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "ci-runner-metrics.component.budget" -}}
{{- if .v.podDisruptionBudget.enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "ci-runner-metrics.component.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .v.podDisruptionBudget.maxUnavailable }}
  selector:
    matchLabels:
      {{- include "ci-runner-metrics.component.selector" . | nindent 6 }}
{{- end }}
{{- end -}}

{{/* The claim's spec, from persistence. */}}
{{- define "ci-runner-metrics.claim" -}}
accessModes:
  {{- toYaml .accessModes | nindent 2 }}
{{- with .storageClass }}
storageClassName: {{ . }}
{{- end }}
resources:
  requests:
    storage: {{ .size }}
{{- end -}}

{{- define "ci-runner-metrics.component.monitorMetadata" -}}
name: {{ include "ci-runner-metrics.component.name" .c }}
namespace: {{ default .c.root.Release.Namespace .monitor.namespace | quote }}
labels:
  {{- include "ci-runner-metrics.component.labels" (dict "c" .c "more" .monitor.labels) | nindent 2 }}
{{- end -}}

{{- define "ci-runner-metrics.component.monitorSpec" -}}
namespaceSelector:
  matchNames: [{{ .c.root.Release.Namespace | quote }}]
selector:
  matchLabels:
    {{- include "ci-runner-metrics.component.selector" .c | nindent 4 }}
{{- with .monitor.sampleLimit }}
sampleLimit: {{ int64 . }}
{{- end }}
{{- end -}}

{{- define "ci-runner-metrics.component.scrape" -}}
scheme: {{ .scheme }}
{{- with .interval }}
interval: {{ . }}
{{- end }}
{{- with .scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- with .metricRelabelings }}
metricRelabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tlsConfig }}
tlsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .authorization }}
authorization:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .basicAuth }}
basicAuth:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
