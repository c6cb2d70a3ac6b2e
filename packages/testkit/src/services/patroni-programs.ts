import { access, chmod, mkdir, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { postgresProgram } from "./postgres.ts";
import { provide } from "./provide.ts";
import { run } from "./run.ts";

export interface PatroniPrograms {
  readonly patroni: string;
  readonly etcd: string;
  /** Directory of the programs of Postgres. */
  readonly postgres: string;
}

export const PATRONI = "4.1.5";
const installMs = 300_000;
/**
 * The account of Postgres runs Patroni: it must reach the interpreter too, which it cannot below a home directory.
 * `dpkg -x` starts no daemon.
 */
const script = `set -e
/usr/bin/python3 -m venv "$1/venv"
"$1/venv/bin/pip" install --quiet --disable-pip-version-check 'patroni[etcd3]==${PATRONI}' psycopg2-binary
cd "$1"
apt-get download -qq etcd-server || { apt-get update -qq; apt-get download -qq etcd-server; }
dpkg -x etcd-server_*.deb etcd
rm etcd-server_*.deb
`;

/** Patroni and etcd, downloaded once per machine. @throws one sentence that says what to do */
export async function providePatroni(): Promise<PatroniPrograms> {
  const source = await provide(postgresProgram);
  if (source.kind !== "binary") throw new Error("Patroni needs the programs of Postgres on this machine");
  const root = process.getuid?.() === 0 ? "/var/cache" : join(homedir(), ".cache");
  const directory = join(root, "hubbub", `patroni-${PATRONI}`);
  const programs = {
    patroni: join(directory, "venv/bin/patroni"),
    etcd: join(directory, "etcd/usr/bin/etcd"),
    postgres: source.directory,
  };
  if (!(await exists(programs.etcd))) await install(directory);
  return programs;
}

async function install(directory: string): Promise<void> {
  process.stderr.write("installing Patroni and etcd (once per machine, may take a minute) …\n");
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o755);
  try {
    await run("sh", ["-c", script, "install", directory], { timeoutMs: installMs });
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw new Error(
      "Patroni and etcd are needed and could not be installed: this needs Debian or Ubuntu with python3-venv, and its package registries",
      { cause: error },
    );
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
