#!/bin/sh
# Runs nginx in its container, so that nobody is cut off without a word. nginx cannot speak to the clients of a WebSocket, the gateways can:
#   stop (QUIT, TERM)   nginx takes no new connection, and the gateways tell every client to go and come back (`goaway`)
#   HUP                 the template is rendered again, new workers take over, and the clients move to them in the same way
set -u
/docker-entrypoint.sh nginx -c /tmp/nginx.conf -g 'daemon off;' &
nginx=$!
status=1

# Each gateway by its address: the name alone would ask one of them. 9090 is OPS_PORT of docker-compose.yml.
tell_clients() {
  for address in $(getent ahostsv4 gateway | awk '{ print $1 }' | sort -u); do
    wget -q -T 2 -O /dev/null --post-data '' "http://$address:9090/hand-over" &
  done
}

leave() {
  kill -QUIT "$nginx"
  tell_clients
}

renew() {
  /docker-entrypoint.d/20-envsubst-on-templates.sh && nginx -t -q -c /tmp/nginx.conf || return
  kill -HUP "$nginx"
  tell_clients
}

trap leave QUIT TERM
trap renew HUP
# A signal interrupts `wait`: this ends with nginx alone.
while kill -0 "$nginx" 2> /dev/null; do
  wait "$nginx"
  status=$?
done
exit "$status"
