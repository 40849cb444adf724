{{- define "ci-runner-metrics.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "ci-runner-metrics.fullname" -}}
{{- $name := include "ci-runner-metrics.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Maps joined, anything else replaced. Sprig's mergeOverwrite has not always let false and "" go over other values. */}}
{{- define "ci-runner-metrics.merge" -}}
{{- $all := deepCopy .base -}}
{{- range $key, $value := .over -}}
{{- if and (kindIs "map" $value) (kindIs "map" (get $all $key)) -}}
{{- $_ := set $all $key (include "ci-runner-metrics.merge" (dict "base" (get $all $key) "over" $value) | fromYaml) -}}
{{- else -}}
{{- $_ := set $all $key $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}

{{/* A component's values: the defaults and, over them, its own. Takes root and key. */}}
{{- define "ci-runner-metrics.values" -}}
{{- include "ci-runner-metrics.merge" (dict "base" .root.Values.defaults "over" (get .root.Values .key)) -}}
{{- end -}}

{{/*
From here on the context is a component: root, name, v (its values), own (what its template says of it) and kind.
*/}}

{{/* 52: controllers append a hash, and the whole is a label of at most 63 characters. */}}
{{- define "ci-runner-metrics.component.name" -}}
{{- default (printf "%s-%s" (include "ci-runner-metrics.fullname" .root) .name) .v.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "ci-runner-metrics.component.serviceAccount" -}}
{{- if .v.serviceAccount.create -}}
{{- default (include "ci-runner-metrics.component.name" .) .v.serviceAccount.name -}}
{{- else -}}
{{- default "default" .v.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "ci-runner-metrics.component.image" -}}
{{- $image := .v.image -}}
{{- if $image.registry }}{{ trimSuffix "/" $image.registry }}/{{ end }}{{ $image.repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ default .root.Chart.AppVersion $image.tag }}{{ end }}
{{- end -}}

{{- define "ci-runner-metrics.component.selector" -}}
app.kubernetes.io/name: {{ include "ci-runner-metrics.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{- define "ci-runner-metrics.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: ci-runner-metrics
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What names and labels an object of the component. */}}
{{- define "ci-runner-metrics.component.metadata" -}}
name: {{ include "ci-runner-metrics.component.name" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "ci-runner-metrics.component.selector" . | nindent 2 }}
  {{- include "ci-runner-metrics.labels" .root | nindent 2 }}
{{- end -}}
