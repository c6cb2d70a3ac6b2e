#!/bin/sh
# Test equipment of `npm run test:compose`: stand-ins for the base images, where no image registry can be reached. They are Debian
# with the same programs, tagged as docker-compose.yml and the Dockerfile name the originals. They keep what the originals promise and
# the compose file uses: user ids, paths, entrypoints. They are not the originals (no Alpine, other patch versions): never publish them.
# Wants engine.sh's bin/ on the PATH and a daemon at DOCKER_HOST.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
mirror=$("$here/mirror.sh")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

node_image=$(sed -n 's/^ARG NODE_IMAGE=//p' "$repository/infra/docker/Dockerfile")
image_of() { sed -n "s/^ *image: \($1:.*\)/\1/p" "$repository/docker-compose.yml"; }

# One tree cannot hold both: Postgres 17 is in trixie, an nginx with `sticky` only behind it.
tree() {
  suite=$1 packages=$2
  mmdebstrap --quiet --variant=minbase --include="ca-certificates,bash,wget,$packages" \
    --keyring=/usr/share/keyrings/debian-archive-keyring.gpg --aptopt='Acquire::Check-Valid-Until "false"' \
    --essential-hook='echo postgres:x:70: >> "$1/etc/group" && echo postgres:x:70:70::/var/lib/postgresql:/bin/sh >> "$1/etc/passwd"' \
    --essential-hook='mkdir -p "$1/etc/postgresql-common" && echo create_main_cluster=false > "$1/etc/postgresql-common/createcluster.conf"' \
    --customize-hook='rm -rf "$1/usr/share/doc" "$1/usr/share/man" "$1/usr/share/locale"' \
    "$suite" "$work/$suite.tar" "$mirror"
  docker import "$work/$suite.tar" "hubbub-test-$suite" > /dev/null
  rm "$work/$suite.tar"
}
tree trixie "redis-server,postgresql-17,postgresql-client-17,libatomic1"
tree testing "nginx,gettext-base"

# Node from the npm registry, which has its binaries as packages.
case $(dpkg --print-architecture) in amd64) cpu=x64 ;; *) cpu=$(dpkg --print-architecture) ;; esac
cp -r "$here/stand-ins" "$work/context"
cd "$work/context"
npm pack --silent "node-linux-$cpu@24" npm@11 > /dev/null
mkdir node npm
tar -xzf "node-linux-$cpu"-*.tgz -C node --strip-components=1
tar -xzf npm-*.tgz -C npm --strip-components=1
# A machine behind a proxy of its own trusts authorities that Debian does not.
cp /etc/ssl/certs/ca-certificates.crt .

stand_in() { docker build --quiet --network host --target "$1" --tag "$2" . > /dev/null; }
stand_in node "$node_image"
stand_in redis "$(image_of redis)"
stand_in postgres "$(image_of postgres)"
stand_in nginx "$(image_of nginx)"
