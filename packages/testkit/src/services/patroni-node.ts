import { chmod, chown, copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { infraFile } from "../paths.ts";
import { findAccount } from "./account.ts";
import { type DataDirectory, openDataDirectory } from "./data-directory.ts";
import { descendantsOf } from "./descendants.ts";
import { freePort } from "./free-port.ts";
import { customConf, memberConfig } from "./patroni-config.ts";
import type { PatroniPrograms } from "./patroni-programs.ts";
import { type Service, startService } from "./service.ts";

interface NodeParts {
  readonly programs: PatroniPrograms;
  readonly etcd: Service;
  readonly password: string;
  readonly name: string;
}

interface Member {
  readonly name: string;
  readonly role: string;
  readonly state: string;
}

const membersMs = 2_000;

/** Patroni and the Postgres that it runs: one machine. */
export class PatroniNode implements AsyncDisposable {
  readonly name: string;
  readonly postgresPort: number;
  readonly agent: Service;
  readonly #directory: DataDirectory;

  constructor(name: string, parts: { postgresPort: number; agent: Service; directory: DataDirectory }) {
    this.name = name;
    this.postgresPort = parts.postgresPort;
    this.agent = parts.agent;
    this.#directory = parts.directory;
  }

  /** SIGKILL to all of Postgres: Patroni lives and starts it again. */
  killPostgres(): Promise<void> {
    return this.#signalPostgres("SIGKILL");
  }

  /** SIGKILL to both. */
  async lose(): Promise<void> {
    // Patroni must not see Postgres end first.
    await this.agent.signal("SIGSTOP");
    await this.killPostgres();
    await this.agent.kill();
  }

  /** SIGSTOP to both. */
  async freeze(): Promise<void> {
    await this.agent.pause();
    await this.#signalPostgres("SIGSTOP");
  }

  async thaw(): Promise<void> {
    await this.#signalPostgres("SIGCONT");
    await this.agent.continue();
  }

  restart(): Promise<void> {
    return this.agent.restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.thaw();
    // Read before Patroni removes it.
    const postmaster = await this.#postmaster();
    await this.agent.stop();
    if (postmaster !== null) send(postmaster, "SIGKILL");
    await this.#directory.close();
  }

  async #signalPostgres(signal: NodeJS.Signals): Promise<void> {
    const postmaster = await this.#postmaster();
    if (postmaster === null) return;
    const children = await descendantsOf(postmaster);
    for (const pid of [postmaster, ...children]) send(pid, signal);
  }

  /** Patroni starts Postgres apart from itself. null: it does not run */
  async #postmaster(): Promise<number | null> {
    const text = await readFile(join(this.#directory.path, "data", "postmaster.pid"), "utf8").catch(() => null);
    const pid = text === null ? 0 : Number(text.split("\n", 1)[0]);
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    // The file outlives a kill, and the number may be another's by then.
    return command.includes(this.#directory.path) ? pid : null;
  }
}

export async function startNode({ programs, etcd, password, name }: NodeParts): Promise<PatroniNode> {
  const directory = await openDataDirectory("patroni", undefined);
  const owner = process.getuid?.() === 0 ? await findAccount("postgres") : null;
  const give = async (path: string) => (owner === null ? undefined : await chown(path, owner.uid, owner.gid));
  await give(directory.path);
  await chmod(directory.path, 0o700);
  await copyFile(infraFile("postgres/postgresql.conf"), join(directory.path, customConf));
  await give(join(directory.path, customConf));
  const postgresPort = await freePort();
  const config = join(directory.path, "patroni.yml");
  const parts = {
    name,
    password,
    postgresPort,
    etcdPort: etcd.port,
    directory: directory.path,
    bin: programs.postgres,
  };
  const agent = await startService({
    name: `Patroni ${name}`,
    async prepare(restPort) {
      // JSON is YAML.
      await writeFile(config, JSON.stringify(memberConfig({ ...parts, restPort })), { mode: 0o600 });
      await give(config);
    },
    launch: () => ({
      name: `Patroni ${name}`,
      command: programs.patroni,
      args: [config],
      cwd: directory.path,
      env: { PATH: process.env["PATH"], LC_ALL: "C", HOME: directory.path },
      ...owner,
    }),
    probe: async (port) => void (await membersOf(port)),
  });
  return new PatroniNode(name, { postgresPort, agent, directory });
}

/** The node that has this role and serves, as any Patroni says. @throws while there is none */
export async function memberOf(nodes: readonly PatroniNode[], role: string): Promise<PatroniNode> {
  const members = await Promise.any(nodes.map(({ agent }) => membersOf(agent.port)));
  const running = members.find((member) => member.role === role && /^(running|streaming)$/.test(member.state));
  const node = nodes.find(({ name }) => name === running?.name);
  if (node === undefined) throw new Error(`no ${role} yet: ${JSON.stringify(members)}`);
  return node;
}

async function membersOf(port: number): Promise<readonly Member[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/cluster`, { signal: AbortSignal.timeout(membersMs) });
  return ((await answer.json()) as { members: Member[] }).members;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
