#!/bin/sh
# One of three sentinels. It keeps its id and what it learned in a file beside the data: a sentinel that forgets its id counts twice.
#   HUBBUB_NODE    the name by which clients and the other sentinels reach it
#   HUBBUB_MASTER  name:port of the first master
#   HUBBUB_SENTINEL_CONF  a file with further settings, such as TLS and passwords. It is read at the first start
set -eu
port=${HUBBUB_PORT:-26379}
data=${HUBBUB_DATA:-/data}
conf=$data/sentinel.conf

if [ ! -e "$conf" ]; then
  cat > "$conf.new" << END
port $port
dir $data
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $HUBBUB_NODE
sentinel announce-port $port
sentinel monitor hubbub ${HUBBUB_MASTER%:*} ${HUBBUB_MASTER##*:} 2
sentinel down-after-milliseconds hubbub ${HUBBUB_DOWN_AFTER_MS:-3000}
sentinel failover-timeout hubbub 15000
sentinel parallel-syncs hubbub 1
END
  cat "${HUBBUB_SENTINEL_CONF:-/dev/null}" >> "$conf.new"
  mv "$conf.new" "$conf"
fi
exec redis-server "$conf" --sentinel "$@"
