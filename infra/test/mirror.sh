#!/bin/sh
# Test equipment: prints the Debian mirror that this machine's own apt sources name.
set -eu
apt-get indextargets --format '$(SITE) $(ORIGIN)' 2> /dev/null |
  awk '$2 == "Debian" && $1 !~ /security/ { print $1; exit }' | grep . ||
  { echo "no mirror of Debian in this machine's apt sources: run apt-get update, or add one" >&2; exit 1; }
