import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { escapeIdentifier } from "pg";
import { query } from "../database.ts";
import { startAll } from "../disposal.ts";
import { eventually } from "../eventually.ts";
import { openDataDirectory } from "./data-directory.ts";
import { freePort } from "./free-port.ts";
import { memberOf, type PatroniNode, startNode } from "./patroni-node.ts";
import { type PatroniPrograms, providePatroni } from "./patroni-programs.ts";
import { type Service, startService } from "./service.ts";

const replicatedMs = 90_000;
const failedOverMs = 60_000;

/** Two nodes of Postgres under Patroni, one of them the synchronous standby of the other, and one etcd. */
export class PatroniService implements AsyncDisposable {
  readonly nodes: readonly PatroniNode[];
  readonly #password: string;
  readonly #owned: AsyncDisposable;

  constructor(nodes: readonly PatroniNode[], password: string, owned: AsyncDisposable) {
    this.nodes = nodes;
    this.#password = password;
    this.#owned = owned;
  }

  /** Creates a database with an owner of its name, and answers its URL with both hosts. */
  async createOwnDatabase(name: string): Promise<string> {
    const url = this.#urlOf([await this.leader()]);
    const own = escapeIdentifier(name);
    await query(url, `create role ${own} login nosuperuser password '${this.#password}'`);
    await query(url, `create database ${own} owner ${own}`);
    return this.#urlOf(this.nodes, name, name);
  }

  /** The URL of the node that leads now, for clients that know one host. */
  async ownUrlOfLeader(name: string): Promise<string> {
    return this.#urlOf([await this.leader()], name, name);
  }

  /** Whom Patroni names. */
  leader(): Promise<PatroniNode> {
    return memberOf(this.nodes, "leader");
  }

  /** Resolves when one leads and the other is its synchronous standby. */
  async replicated(timeoutMs = replicatedMs): Promise<void> {
    await eventually(() => memberOf(this.nodes, "sync_standby"), { timeoutMs });
  }

  /** Resolves when another node than this leads and accepts writes. */
  failedOver(from: PatroniNode, timeoutMs = failedOverMs): Promise<PatroniNode> {
    return eventually(
      async () => {
        const named = await this.leader();
        if (named === from) throw new Error("the old leader still leads");
        const rows = await query(this.#urlOf([named]), "select pg_is_in_recovery() as standby");
        if ((rows as { standby: boolean }[])[0]?.standby !== false) throw new Error("it is not promoted yet");
        return named;
      },
      { timeoutMs },
    );
  }

  /** Planned: the standby becomes the leader. Answers when Patroni has begun. */
  async switchOver(): Promise<void> {
    const from = await this.leader();
    const to = this.nodes.find((node) => node !== from);
    const body = JSON.stringify({ leader: from.name, candidate: to?.name });
    const answer = await fetch(`http://127.0.0.1:${from.agent.port}/switchover`, { method: "POST", body });
    if (!answer.ok) throw new Error(`switchover: ${answer.status} ${await answer.text()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }

  #urlOf(nodes: readonly PatroniNode[], user = "postgres", database = "postgres"): string {
    const hosts = nodes.map(({ postgresPort }) => `127.0.0.1:${postgresPort}`).join(",");
    return `postgres://${user}:${this.#password}@${hosts}/${database}`;
  }
}

/** @throws one sentence when a part cannot be had here */
export function startPatroni(): Promise<PatroniService> {
  return startAll(async (owned) => {
    const programs = await providePatroni();
    const password = randomBytes(18).toString("hex");
    const etcd = owned.use(await startEtcd(programs));
    const first = owned.use(await startNode({ programs, etcd, password, name: "node-1" }));
    // The second copies the first.
    await eventually(() => memberOf([first], "leader"), { timeoutMs: replicatedMs });
    const second = owned.use(await startNode({ programs, etcd, password, name: "node-2" }));
    const service = new PatroniService([first, second], password, owned);
    await service.replicated();
    return service;
  });
}

async function startEtcd(programs: PatroniPrograms): Promise<Service> {
  const directory = await openDataDirectory("etcd", undefined);
  const peer = `http://127.0.0.1:${await freePort()}`;
  return startService({
    name: "etcd",
    launch: (port) => {
      const client = `http://127.0.0.1:${port}`;
      const clients = ["--listen-client-urls", client, "--advertise-client-urls", client];
      const peers = ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer];
      const args = ["--data-dir", join(directory.path, "data"), ...clients, ...peers];
      return { name: "etcd", command: programs.etcd, args: [...args, "--initial-cluster", `default=${peer}`] };
    },
    async probe(port) {
      const answer = await fetch(`http://127.0.0.1:${port}/health`);
      if (!answer.ok) throw new Error(`etcd answers ${answer.status}`);
    },
    cleanUp: directory.close,
  });
}
