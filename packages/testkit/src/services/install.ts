import { access } from "node:fs/promises";
import { succeeds } from "./run.ts";

/** Two installs at once wait for each other; the kernel releases the lock of one that was killed. */
const lockFile = "/tmp/hubbub-install.lock";
const installDeadlineMs = 600_000;

/**
 * `policy-rc.d` answering 101 is Debian's way to say "do not start services now": the distribution's own Redis must
 * not come up on the standard port. One that is there already is left alone.
 */
const script = `set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$1"
`;

/** Answers false where this way does not exist (not root, not Debian) or does not work (no network). */
export async function installPackage(name: string): Promise<boolean> {
  if (process.getuid?.() !== 0 || !(await exists("/etc/debian_version"))) return false;
  process.stderr.write(`installing ${name} with apt-get (once per machine, may take a minute) …\n`);
  const installed = await succeeds(
    "flock",
    [lockFile, "env", "DEBIAN_FRONTEND=noninteractive", "sh", "-c", script, "install", name],
    installDeadlineMs,
  );
  process.stderr.write(installed ? `installed ${name}\n` : `apt-get could not install ${name}\n`);
  return installed;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
