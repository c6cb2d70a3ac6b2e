import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, constants, readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { urlsOfHosts } from "@hubbub/store/sql";

/** A program of Postgres is missing or has failed; the message says what to do. */
export class PostgresProgramFault extends Error {
  override readonly name = "PostgresProgramFault";
}

/** Debian keeps the programs of each version apart. */
const DEBIAN = "/usr/lib/postgresql";
const SAID_CHARACTERS = 4_000;

/** The directory that has them all: of PATH, or the newest of Debian's. @throws PostgresProgramFault */
export async function findPrograms(names: readonly string[]): Promise<string> {
  const versions = await readdir(DEBIAN).catch(() => []);
  const newest = versions
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(DEBIAN, version, "bin"));
  const { PATH = "" } = process.env;
  for (const directory of [...PATH.split(delimiter).filter((one) => one !== ""), ...newest]) {
    const found = await Promise.all(names.map((name) => isExecutable(join(directory, name))));
    if (found.every(Boolean)) return directory;
  }
  throw new PostgresProgramFault(
    `${names.join(" and ")} not found in PATH or ${DEBIAN}: install the client programs of Postgres, of the server's version or newer (Debian and Ubuntu: apt-get install postgresql-client; a restore needs postgresql)`,
  );
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** How a client program is told the database: the password in the environment, which other accounts cannot read. */
export function connectionOf(databaseUrl: string): { readonly url: string; readonly env: NodeJS.ProcessEnv } {
  const urls = urlsOfHosts(databaseUrl).map((one) => new URL(one));
  const [{ protocol, username, password, pathname, searchParams }] = urls as [URL, ...URL[]];
  // Of the driver's, not of libpq's.
  if (searchParams.get("sslmode") === "no-verify") searchParams.set("sslmode", "require");
  searchParams.delete("uselibpqcompat");
  if (urls.length > 1) searchParams.set("target_session_attrs", "primary");
  const authority = `${username === "" ? "" : `${username}@`}${urls.map(({ host }) => host).join(",")}`;
  const search = searchParams.size === 0 ? "" : `?${searchParams}`;
  const env = { LC_ALL: "C", ...(password === "" ? {} : { PGPASSWORD: decodeURIComponent(password) }) };
  return { url: `${protocol}//${authority}${pathname}${search}`, env };
}

const running = new Set<ChildProcess>();
// They must not outlive this process.
process.once("exit", endPrograms);

/** Asks all that run to end: what waits for them fails then, and cleans up. */
export function endPrograms(): void {
  for (const child of running) child.kill("SIGINT");
}

/** A program that runs, and the end of what it writes to stderr. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  said = "";

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv, account: Account | null = null) {
    const as = account === null ? {} : { uid: account.uid, gid: account.gid };
    this.child = spawn(command, [...args], { stdio: ["pipe", "pipe", "pipe"], env, ...as });
    running.add(this.child);
    const { child } = this;
    child.once("close", () => running.delete(child));
    this.child.stdin?.on("error", () => undefined);
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.said = (this.said + text).slice(-SAID_CHARACTERS);
    });
    this.ended = once(this.child, "close").then(([code]) => code as number | null);
    // Callers that await `ended` get the error. Without this line it would be an unhandled rejection for all others.
    this.ended.catch(() => undefined);
  }

  /** What it writes, to its end. @throws PostgresProgramFault when it fails */
  async *output(): AsyncGenerator<Uint8Array> {
    try {
      if (this.child.stdout !== null) for await (const chunk of this.child.stdout) yield chunk as Uint8Array;
      await this.done();
    } finally {
      this.child.kill();
    }
  }

  /** @throws PostgresProgramFault when it fails */
  async done(): Promise<void> {
    const code = await this.ended;
    if (code !== 0)
      throw new PostgresProgramFault(`${this.child.spawnfile} failed: ${this.said.trim() || `code ${code}`}`);
  }
}

/** Postgres refuses to run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}
