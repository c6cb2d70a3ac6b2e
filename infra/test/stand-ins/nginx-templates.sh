#!/bin/sh
# Test equipment. As the original: templates are rendered with the variables that NGINX_ENVSUBST_FILTER lets pass.
set -e
names=$(env | sed -n 's/=.*//p' | grep -E "${NGINX_ENVSUBST_FILTER:-}" | sed 's/.*/${&}/' | tr '\n' ' ')
for template in /etc/nginx/templates/*.template; do
  envsubst "$names" < "$template" > "${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}/$(basename "$template" .template)"
done
