#!/bin/sh
# One Redis of several behind sentinels (infra/docker/compose.ha.yml). Its settings are those of redis.conf, at each start; what sentinels
# made it, master or replica, is kept in its own file beside the data, because they write there.
#   HUBBUB_NODE    the name by which the others reach it
#   HUBBUB_MASTER  the name of the first master: the same for all
set -eu
port=${HUBBUB_PORT:-6379}
data=${HUBBUB_DATA:-/data}
conf=$data/node.conf

if [ -e "$conf" ]; then
  role=$(grep '^replicaof ' "$conf" || true)
elif [ "$HUBBUB_NODE:$port" = "$HUBBUB_MASTER" ]; then
  role=
else
  role="replicaof ${HUBBUB_MASTER%:*} ${HUBBUB_MASTER##*:}"
fi

{
  cat "${HUBBUB_REDIS_CONF:-/etc/redis.conf}"
  echo "port $port"
  echo "dir $data"
  echo "replica-announce-ip $HUBBUB_NODE"
  echo "replica-announce-port $port"
  # A master that is cut off stops within five seconds; what it acked before is offered again by those who accepted it.
  echo "min-replicas-to-write 1"
  echo "min-replicas-max-lag 5"
  echo "$role"
} > "$conf.new"
mv "$conf.new" "$conf"
exec redis-server "$conf" "$@"
