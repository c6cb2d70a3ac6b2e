#!/bin/sh
# Restarts the containers of the given services one after the other, each when the one before is healthy again.
#   infra/docker/rolling-restart.sh gateway api writer
# Clients of a gateway are told to go (`goaway`) and are taken by the others. COMPOSE: how to call compose.
set -eu
COMPOSE=${COMPOSE:-docker compose --env-file compose.env}
[ $# -gt 0 ] || { echo "usage: $0 SERVICE…   (gateway, api, writer)" >&2; exit 2; }

wait_healthy() {
  tries=120
  until [ "$(docker inspect -f '{{.State.Health.Status}}' "$1")" = healthy ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "$1 does not become healthy; stopped here, the others run on" >&2; exit 1; }
    sleep 1
  done
}

for service in "$@"; do
  for container in $($COMPOSE ps -q "$service"); do
    echo "restarting $service $(docker inspect -f '{{.Name}}' "$container")"
    docker restart -t 30 "$container" > /dev/null
    wait_healthy "$container"
  done
done
