{{/*
The pod of a component. From its template (own) it takes args, env, ports, volumes, volumeMounts, hostPID, and secrets: a
list of {volume, name, key}, each mounted at /secrets/VOLUME where name is not empty.
*/}}
{{- define "ci-runner-metrics.component.pod" -}}
{{- $v := .v -}}
{{- $own := .own -}}
metadata:
  labels:
    {{- include "ci-runner-metrics.component.labels" (dict "c" . "more" $v.podLabels) | nindent 4 }}
  annotations:
    {{- $annotations := dict "kubectl.kubernetes.io/default-container" .name }}
    {{- with $v.config }}
    {{- $_ := set $annotations "checksum/config" (toYaml . | sha256sum) }}
    {{- end }}
    {{- include "ci-runner-metrics.merge" (dict "base" $annotations "over" $v.podAnnotations) | nindent 4 }}
spec:
  serviceAccountName: {{ include "ci-runner-metrics.component.serviceAccount" . }}
  automountServiceAccountToken: {{ $v.automountServiceAccountToken }}
  # A Service named like a program's prefix would become environment variables of the program.
  enableServiceLinks: false
  {{- if $own.hostPID }}
  hostPID: true
  {{- end }}
  {{- with $v.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- include "ci-runner-metrics.merge" (dict "base" (default dict $own.podSecurityContext) "over" $v.podSecurityContext) | nindent 4 }}
  containers:
    - name: {{ .name }}
      image: {{ include "ci-runner-metrics.component.image" . | quote }}
      imagePullPolicy: {{ $v.image.pullPolicy }}
      args:
        {{- range $own.args }}
        - {{ . | quote }}
        {{- end }}
        {{- if $v.config }}
        - --config-file=/config/config.yml
        {{- end }}
        {{- range $v.extraArgs }}
        - {{ . | quote }}
        {{- end }}
      {{- with concat (default list $own.env) $v.extraEnv }}
      env:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $v.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        {{- toYaml $own.ports | nindent 8 }}
      {{- range $probe := list "startupProbe" "livenessProbe" "readinessProbe" }}
      {{- with get $v $probe }}
      {{ $probe }}:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- end }}
      {{- with $v.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        {{- toYaml $v.securityContext | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- if $v.config }}
        - name: config
          mountPath: /config
          readOnly: true
        {{- end }}
        {{- range $own.secrets }}
        {{- if .name }}
        - name: {{ .volume }}
          mountPath: /secrets/{{ .volume }}
          readOnly: true
        {{- end }}
        {{- end }}
        {{- with concat (default list $own.volumeMounts) $v.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    # The runtime unpacks its own libraries here.
    - name: tmp
      emptyDir: {}
    {{- if $v.config }}
    - name: config
      configMap:
        name: {{ include "ci-runner-metrics.component.name" . }}
    {{- end }}
    {{- range $own.secrets }}
    {{- if .name }}
    - name: {{ .volume }}
      secret:
        secretName: {{ .name }}
        defaultMode: 0440
    {{- end }}
    {{- end }}
    {{- with concat (default list $own.volumes) $v.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $v.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with default $own.topologySpreadConstraints $v.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
