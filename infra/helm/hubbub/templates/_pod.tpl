{{- define "hubbub.labels" -}}
app.kubernetes.io/name: hubbub
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "hubbub.image" -}}
{{- $tag := .tag | default .root.Values.image.tag | default .root.Chart.AppVersion -}}
{{ .root.Values.image.repository }}:{{ $tag }}{{ if eq .role "backup" }}-backup{{ end }}
{{- end -}}

{{- define "hubbub.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "hubbub.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- /* Every setting of a role: those of all, those of the chart, those of the role, then its secrets. Maps are printed in the order of their keys. */ -}}
{{- define "hubbub.env" -}}
{{- $origin := printf "https://%s" .root.Values.host -}}
{{- $own := dict "ROLES" (eq .role "api" | ternary "api,flows,jobs" .role) "HOST" "0.0.0.0" "PORT" "8080" "OPS_PORT" "9090" -}}
{{- $_ := set $own "DRAIN_DEADLINE_MS" (toString (int .root.Values.drainDeadlineMs)) -}}
{{- if has .role (list "gateway" "api") }}{{ $_ := merge $own (dict "ALLOWED_ORIGINS" $origin "PUBLIC_URL" $origin) }}{{ end -}}
{{- if ne .role "writer" }}{{ $_ := set $own "AUTH_KEYS_FILE" "/keys/keys.json" }}{{ end -}}
{{- if eq .role "backup" }}{{ $_ := set $own "DATA_DIR" "/spool/data" }}{{ end -}}
{{- range $name, $value := mergeOverwrite (dict) .root.Values.settings $own (.values.settings | default dict) }}
- { name: {{ $name }}, value: {{ $value | toString | quote }} }
{{- end }}
{{- $secret := .root.Values.secrets.env | quote }}
{{- range $name := .values.secretEnv }}
{{- $optional := not (has $name (list "DATABASE_URL" "REDIS_URL")) }}
- { name: {{ $name }}, valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ $name }}, optional: {{ $optional }} } } }
{{- end }}
{{- end -}}
