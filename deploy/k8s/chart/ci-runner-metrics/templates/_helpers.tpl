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

{{/* FULLNAME-PART: where that is too long the former is cut, as the latter tells the chart's objects apart. */}}
{{- define "ci-runner-metrics.nameOf" -}}
{{- $room := sub .length (len .part | add1) | int -}}
{{- printf "%s-%s" (include "ci-runner-metrics.fullname" .root | trunc $room | trimSuffix "-") .part -}}
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
{{- $own := include "ci-runner-metrics.nameOf" (dict "root" .root "part" .name "length" 52) -}}
{{- default $own .v.fullnameOverride | trunc 52 | trimSuffix "-" -}}
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
app.kubernetes.io/name: {{ include "ci-runner-metrics.name" .root | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{/* Labels that all objects have, also those of no component. */}}
{{- define "ci-runner-metrics.chartLabels" -}}
app.kubernetes.io/name: {{ include "ci-runner-metrics.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: ci-runner-metrics
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/*
The chart's labels, over them those of the values and of "more", over all of them "selector" (text): each key stands once, and
none that something is selected by can be changed. Takes root, more and selector.
*/}}
{{- define "ci-runner-metrics.labels" -}}
{{- $all := include "ci-runner-metrics.chartLabels" .root | fromYaml -}}
{{- range list .root.Values.commonLabels .more (default "" .selector | fromYaml) -}}
{{- range $key, $value := . -}}
{{- $_ := set $all $key $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}

{{/* A component's labels; more are those of the values for this object. Takes c and more. */}}
{{- define "ci-runner-metrics.component.labels" -}}
{{- include "ci-runner-metrics.labels" (dict "root" .c.root "more" .more "selector" (include "ci-runner-metrics.component.selector" .c)) -}}
{{- end -}}

{{/* What names and labels an object of the component. */}}
{{- define "ci-runner-metrics.component.metadata" -}}
name: {{ include "ci-runner-metrics.component.name" . }}
namespace: {{ .root.Release.Namespace | quote }}
labels:
  {{- include "ci-runner-metrics.component.labels" (dict "c" .) | nindent 2 }}
{{- end -}}
