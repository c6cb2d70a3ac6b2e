# The functions of docs/walkthrough.md, for bash. A machine is a host that `root` may log in to by ssh. With MACHINES=DIR it is a directory
# DIR/HOST of this machine, where HOST is a loopback address: that is how `npm run walkthrough` tries the document.
#
#   on HOST COMMAND…                    runs it there. $R is where the file system of the machine begins: empty, or its directory
#   put HOST FILE [ACCOUNT]             standard input becomes that file, which the account alone may read
#   make_directory HOST PATH [ACCOUNT]  the same for a directory
#   start HOST NAME [ACCOUNT COMMAND…]  a service: started again when it ends, and when the machine starts. Without a command: one that is
#                                       installed, of this file or of infra/systemd
#   stop HOST NAME                      ends it in good order
#   lose HOST, turn_on HOST             the machine has no power, and has it again
#   $AS_HUBBUB                          a prefix of commands of `on`: by the account hubbub, and not by root

if [ -z "${MACHINES:-}" ]; then
  AS_HUBBUB='runuser -u hubbub --'
  root_of() { :; }
  on() { ssh -n "root@$1" "R=; ${*:2}"; }
  put() { ssh "root@$1" "install -D -m 600 -o ${3:-hubbub} /dev/stdin $2"; }
  make_directory() { on "$1" "install -d -m 700 -o ${3:-hubbub} $2"; }
  stop() { on "$1" "systemctl disable --quiet --now $2"; }
  lose() { on "$1" "systemctl --force --force poweroff" || true; }
  turn_on() { until on "$1" true; do sleep 2; done; }
  start() {
    [ $# -lt 4 ] || unit "${@:2}" | put "$1" "/etc/systemd/system/$2.service" root
    on "$1" "systemctl daemon-reload && systemctl enable --quiet --now $2"
  }
else
  AS_HUBBUB=
  root_of() { echo "$MACHINES/$1"; }
  on() { (cd "$MACHINES/$1" && umask 022 && R=$PWD bash -c "${*:2}"); }
  put() { on "$1" "install -D -m 600 $(owner_here "${3:-}") /dev/stdin $2"; }
  make_directory() { on "$1" "mkdir -p $2 && chmod 700 $2" && on "$1" "install -d -m 700 $(owner_here "${3:-}") $2"; }
  stop() { on "$1" "kill \$(cat run/$2) && rm enabled/$2 && while test -e run/$2; do sleep 0.1; done"; }
  lose() { signal "$1" STOP && signal "$1" KILL && on "$1" 'rm -f run/*'; }
  turn_on() { for service in "$MACHINES/$1"/enabled/*; do run_here "$1" "${service##*/}"; done; }
  start() {
    on "$1" 'mkdir -p services enabled run log'
    if [ $# -ge 4 ]; then service_here "${@:3}" > "$MACHINES/$1/services/$2"; fi
    if [ ! -e "$MACHINES/$1/services/$2" ]; then role_here "$1" "$2"; fi
    touch "$MACHINES/$1/enabled/$2"
    [ -e "$MACHINES/$1/run/$2" ] || run_here "$1" "$2"
  }
fi

# unit NAME ACCOUNT COMMAND…: a unit of systemd
unit() {
  printf '[Unit]\nDescription=%s\nAfter=network-online.target\nWants=network-online.target\nStartLimitIntervalSec=0\n\n' "$1"
  printf '[Service]\nUser=%s\nRestart=always\nRestartSec=2\nKillMode=mixed\nLimitNOFILE=65536\nExecStart=' "$2"
  printf '"%s" ' "${@:3}" | sed 's/%/%%/g; s/\$/$$/g'
  printf '\n\n[Install]\nWantedBy=multi-user.target\n'
}

# What follows is for machines that are directories.

# Only root can give files away.
owner_here() { if [ "$(id -u)" = 0 ] && id -u "$1" > /dev/null 2>&1; then echo "-o $1"; fi; }

service_here() {
  local as=()
  # Postgres refuses to run as root; the others may, and the account hubbub may be missing here.
  if [ "$1" = postgres ] && [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=postgres --regid=postgres --init-groups); fi
  printf '%q ' exec "${as[@]}" "${@:2}"
}

# infra/systemd/hubbub@.service with the paths of this machine
role_here() {
  local machine=$MACHINES/$1 role=${2#hubbub@} unit
  unit=$(sed -E "s#%i#$role#g; s#/usr/bin/##; s#=(-?)/(etc|var|opt)/#=\1$machine/\2/#g" "$machine/opt/hubbub/infra/systemd/hubbub@.service")
  value() { sed -n "s/^$1=-\?//p" <<< "$unit"; }
  {
    printf 'set -a; %s\n' "$(value Environment)"
    for file in $(value EnvironmentFile); do echo "test ! -e $file || . $file"; done
    echo "mkdir -p -m 700 \$DATA_DIR; cd $(value WorkingDirectory); umask $(value UMask); exec $(value ExecStart)"
  } > "$machine/services/$2"
}

# Starts it again when it ends, until it is stopped. Its processes and theirs carry HUBBUB_MACHINE.
run_here() {
  local machine=$MACHINES/$1 name=$2
  HUBBUB_MACHINE=$machine setsid env -C "$machine" bash -c '
    echo $$ > "run/$0"
    trap "stopped=yes; kill -TERM \$child" TERM
    while [ -z "${stopped:-}" ]; do
      bash "services/$0" < /dev/null >> "log/$0" 2>&1 & child=$!
      while kill -0 $child 2> /dev/null; do wait $child; done
      [ -n "${stopped:-}" ] || sleep 2
    done
    rm "run/$0"' "$name" < /dev/null > /dev/null 2>&1 &
  disown
  until [ -e "$machine/run/$name" ]; do sleep 0.05; done
}

# signal HOST SIGNAL: to all processes of the machine
signal() {
  local pids
  pids=$(processes_here "$1")
  [ -z "$pids" ] || kill "-$2" $pids 2> /dev/null || true
}

# Those that carry the mark, and all below them: some programs overwrite their environment.
processes_here() {
  local marked
  marked=$(grep -lsxz "HUBBUB_MACHINE=$MACHINES/$1" /proc/[0-9]*/environ | cut -d / -f 3 | tr '\n' ' ')
  ps -eo pid=,ppid= | awk -v marked="$marked" '
    BEGIN { count = split(marked, pids, " "); for (at = 1; at <= count; at++) ours[pids[at]] }
    { parent[$1] = $2 }
    END {
      do { more = 0; for (pid in parent) if (!(pid in ours) && (parent[pid] in ours)) { ours[pid]; more = 1 } } while (more)
      for (pid in ours) if (pid in parent) print pid
    }'
}
