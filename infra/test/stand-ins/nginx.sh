#!/bin/sh
# Test equipment. As the original: scripts of /docker-entrypoint.d run before nginx, and before nothing else.
set -e
case $1 in nginx) for script in /docker-entrypoint.d/*.sh; do "$script"; done ;; esac
exec "$@"
