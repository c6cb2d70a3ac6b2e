import { createHash } from "node:crypto";
import { access, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { infraFile, repositoryRoot, run, succeeds } from "@hubbub/testkit";
import { type Daemon, startDaemon } from "./daemon.ts";

/** This machine cannot run the test. The message is one sentence that says what is missing. */
export class CannotRun extends Error {
  override readonly name = "CannotRun";
}

/** A container engine that is unpacked and not installed, with images of its own. */
export interface Engine {
  /** Kept between runs. */
  readonly cache: string;
  /** The engine's programs come first on the PATH. */
  readonly env: NodeJS.ProcessEnv;
}

const unpackMs = 300_000;
const imagesMs = 900_000;
/** What the run itself cannot do without. */
const programs = ["apt-get", "dpkg-deb", "perl", "npm", "flock", "unshare", "nsenter", "setpriv", "ip", "openssl"];

/** @throws CannotRun */
export async function openCache(): Promise<string> {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !(await exists("/etc/debian_version"))) {
    throw new CannotRun("test:compose needs root on Debian: it unpacks a container engine and runs it.");
  }
  const isHere = (name: string) => succeeds("sh", ["-c", 'command -v "$1"', "sh", name]);
  const missing = (await Promise.all(programs.map(async (name) => ((await isHere(name)) ? [] : [name])))).flat();
  if (missing.length > 0) throw new CannotRun(`test:compose needs ${missing.join(", ")}: install them with apt-get.`);
  const { XDG_CACHE_HOME = join(homedir(), ".cache") } = process.env;
  const cache = join(XDG_CACHE_HOME, "hubbub", "compose-test");
  await mkdir(cache, { recursive: true });
  return cache;
}

export function engineIn(cache: string): Engine {
  const { PATH = "" } = process.env;
  const bin = join(cache, "engine", "bin");
  const DOCKER_CONFIG = join(cache, "engine", "cli");
  return { cache, env: { ...process.env, PATH: `${bin}:${PATH}`, DOCKER_CONFIG } };
}

/** Unpacks the engine, unless this version of it is there. @throws CannotRun */
export async function unpackEngine(cache: string): Promise<string> {
  const directory = join(cache, "engine");
  return await once(cache, "engine", await hashOf(["engine.sh", "mirror.sh"]), async () => {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory);
    await script("engine.sh", [directory], process.env, unpackMs);
  });
}

/** Makes the stand-ins for the base images, unless these are there. Wants a daemon that reaches the network. */
export async function makeStandIns({ cache, env }: Engine, { host }: Daemon): Promise<string> {
  const standIns = (await readdir(infraFile("test/stand-ins"))).map((name) => `stand-ins/${name}`);
  const compose = await readFile(join(repositoryRoot, "docker-compose.yml"), "utf8");
  const images = compose.match(/^ *image: (?!hubbub).*$/gm)?.join() ?? "";
  const hash = await hashOf(["stand-ins.sh", "mirror.sh", ...standIns], images);
  return await once(cache, "stand-ins", hash, () =>
    script("stand-ins.sh", [], { ...env, DOCKER_HOST: host }, imagesMs),
  );
}

/** A daemon on the network of this machine, for builds alone: it has no networks for containers. */
export function startBuilder(engine: Engine): Promise<Daemon> {
  return startDaemon(engine, ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"]);
}

async function once(cache: string, what: string, hash: string, make: () => Promise<void>): Promise<string> {
  const stamp = join(cache, `${what}.hash`);
  if ((await readFile(stamp, "utf8").catch(() => "")) === hash) return "from the cache";
  await rm(stamp, { force: true });
  await make();
  await writeFile(stamp, hash);
  return "made";
}

async function script(name: string, args: readonly string[], env: NodeJS.ProcessEnv, timeoutMs: number): Promise<void> {
  await run(infraFile(`test/${name}`), args, { env, timeoutMs }).catch((cause: unknown) => {
    const lines = String(cause).trim().split("\n");
    const why = lines.find((line) => /^(E:|npm error|ERROR)/.test(line)) ?? lines.at(-1);
    throw new CannotRun(`infra/test/${name} failed: ${why}`, { cause });
  });
}

async function hashOf(names: readonly string[], more = ""): Promise<string> {
  const hash = createHash("sha256").update(more);
  for (const name of names) hash.update(await readFile(infraFile(`test/${name}`)));
  return hash.digest("hex");
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
