#!/bin/sh
# Test equipment of `npm run test:compose`, on Debian as root: unpacks a container engine into the directory $1.
# Nothing is installed: $1/bin is for the PATH of whoever wants it. The engine is the one of Debian's testing, which also runs
# on older releases; runc and iptables are those of this release, because they lean on its libraries.
set -eu
into=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The mirror that this machine uses for its own release.
mirror=$("$(dirname "$0")/mirror.sh")

mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$into/root" "$into/bin" "$into/cli/cli-plugins"
: > "$work/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror testing main" > "$work/sources.list"
cat > "$work/apt.conf" <<END
Dir::State "$work";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "-";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
APT::Update::Error-Mode "any";
APT::Sandbox::User "root";
END

cd "$work/debs"
APT_CONFIG="$work/apt.conf" apt-get update -qq
APT_CONFIG="$work/apt.conf" apt-get download -qq docker.io docker-cli containerd docker-compose docker-buildx tini-static
apt-get update -qq
apt-get -o APT::Sandbox::User=root download -qq runc mmdebstrap iptables libip4tc2 libip6tc2 libxtables12 libmnl0 \
  libnetfilter-conntrack3 libnfnetlink0 libnftnl11
for package in *.deb; do dpkg-deb -x "$package" "$into/root"; done

cd "$into"
for program in dockerd docker-proxy runc; do ln -sf "../root/usr/sbin/$program" "bin/$program"; done
for program in docker containerd containerd-shim-runc-v2 mmdebstrap; do ln -sf "../root/usr/bin/$program" "bin/$program"; done
ln -sf ../root/usr/bin/tini-static bin/docker-init
for plugin in docker-compose docker-buildx; do
  ln -sf "../../root/usr/libexec/docker/cli-plugins/$plugin" "cli/cli-plugins/$plugin"
done
libraries=$(dirname "$(find "$into/root/usr/lib" -name 'libxtables.so.12' | head -n 1)")
for program in iptables ip6tables; do
  cat > "bin/$program" <<END
#!/bin/sh
export LD_LIBRARY_PATH="$libraries" XTABLES_LIBDIR="$libraries/xtables"
exec "$into/root/usr/sbin/xtables-nft-multi" $program "\$@"
END
  chmod 755 "bin/$program"
done
