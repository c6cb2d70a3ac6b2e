import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Disposal, startAll } from "../disposal.ts";
import { eventually } from "../eventually.ts";
import { askRedis } from "./ask-redis.ts";
import { openDataDirectory } from "./data-directory.ts";
import { freePort } from "./free-port.ts";
import { provide } from "./provide.ts";
import { type RedisService, redisProgram, startRedis } from "./redis.ts";
import { type Service, startService } from "./service.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** A Redis behind a proxy: sentinels, clients and its replica all come through it. */
export interface SentinelNode {
  readonly service: RedisService;
  readonly link: TcpProxy;
}

/** A master, a replica of it and three sentinels, on the loopback interface. */
export interface SentinelService extends AsyncDisposable {
  /** `redis+sentinel://host:port,host:port,host:port/name` */
  readonly url: string;
  readonly nodes: readonly SentinelNode[];
  /** Whom the sentinels name. */
  master(): Promise<SentinelNode>;
  /** Resolves when the sentinels agree, and the other node follows the master they name. */
  replicated(timeoutMs?: number): Promise<void>;
  /** Resolves when the sentinels name another master than this, and it serves. */
  failedOver(from: SentinelNode, timeoutMs?: number): Promise<SentinelNode>;
}

export interface SentinelOptions {
  /** Of both nodes, over those of `infra/redis/redis.conf`. */
  readonly settings?: readonly string[] | undefined;
}

const masterName = "hubbub";
const sentinelCount = 3;
const quorum = 2;
const downAfterMs = 1_000;
/** Sentinels wait twice this before they try a failover again. */
const failoverTimeoutMs = 5_000;
/** Sentinels take eight seconds to make a replica of a master that came back. */
const replicatedMs = 60_000;
const failedOverMs = 30_000;

export function startSentinel(options: SentinelOptions = {}): Promise<SentinelService> {
  return startAll(async (owned) => {
    const first = await startNode(owned, options.settings ?? [], null);
    const second = await startNode(owned, options.settings ?? [], first);
    const sentinels: Service[] = [];
    while (sentinels.length < sentinelCount) sentinels.push(owned.use(await startSentinelProcess(first.link.port)));
    const nodes = [first, second];
    const master = () => masterOf(sentinels, nodes);
    // A failover needs a quorum that knows itself and the replica.
    const replicated = async (timeoutMs = replicatedMs) => {
      await eventually(async () => expectReplica(nodes, await master()), { timeoutMs });
      await eventually(() => Promise.all(sentinels.map(expectQuorum)), { timeoutMs });
    };
    await replicated();
    const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",");
    return {
      url: `redis+sentinel://${hosts}/${masterName}`,
      nodes,
      master,
      replicated,
      failedOver: (from, timeoutMs = failedOverMs) =>
        eventually(
          async () => {
            const named = await master();
            if (named === from) throw new Error("the sentinels still name the old master");
            const role = await askRedis(named.service.port, "ROLE");
            if (!(Array.isArray(role) && role[0] === "master")) throw new Error("it is not promoted yet");
            return named;
          },
          { timeoutMs },
        ),
      [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
    };
  });
}

async function startNode(
  owned: Disposal,
  settings: readonly string[],
  master: SentinelNode | null,
): Promise<SentinelNode> {
  const port = await freePort();
  const link = owned.use(await startTcpProxy(port));
  const announced = ["--replica-announce-ip", "127.0.0.1", "--replica-announce-port", `${link.port}`];
  const replication = master === null ? [] : ["--replicaof", "127.0.0.1", `${master.link.port}`];
  const service = owned.use(await startRedis({ port, settings: [...settings, ...announced, ...replication] }));
  return { service, link };
}

async function startSentinelProcess(masterPort: number): Promise<Service> {
  const source = await provide(redisProgram);
  if (source.kind !== "binary") throw new Error("sentinels need redis-server on this machine");
  const directory = await openDataDirectory("sentinel", undefined);
  const config = join(directory.path, "sentinel.conf");
  return startService({
    name: "Sentinel",
    // Sentinels write what they learn into this file: it belongs to one of them.
    prepare: (port) => writeFile(config, sentinelConfig(port, directory.path, masterPort)),
    launch: () => ({
      name: "Sentinel",
      command: join(source.directory, "redis-server"),
      args: [config, "--sentinel"],
    }),
    probe: async (port) => void (await askRedis(port, "PING")),
    cleanUp: directory.close,
  });
}

function sentinelConfig(port: number, directory: string, masterPort: number): string {
  return `port ${port}
bind 127.0.0.1
dir ${directory}
sentinel monitor ${masterName} 127.0.0.1 ${masterPort} ${quorum}
sentinel down-after-milliseconds ${masterName} ${downAfterMs}
sentinel failover-timeout ${masterName} ${failoverTimeoutMs}
`;
}

async function expectQuorum({ port }: Service): Promise<void> {
  const answer = await askRedis(port, "SENTINEL", "CKQUORUM", masterName);
  if (!String(answer).startsWith(`OK ${sentinelCount} usable`)) throw new Error(`no quorum of all yet: ${answer}`);
  const replicas = await askRedis(port, "SENTINEL", "REPLICAS", masterName);
  if (!String(replicas).includes("master-link-status,ok")) throw new Error("the replica is not known yet");
}

async function expectReplica(nodes: readonly SentinelNode[], master: SentinelNode): Promise<void> {
  const other = nodes.find((node) => node !== master);
  if (other === undefined) throw new Error("there is no replica");
  const state = String(await askRedis(other.service.port, "INFO", "replication"));
  const follows = state.includes("role:slave") && state.includes(`master_port:${master.link.port}\r`);
  if (!follows || !state.includes("master_link_status:up")) throw new Error("the replica does not follow");
}

async function masterOf(sentinels: readonly Service[], nodes: readonly SentinelNode[]): Promise<SentinelNode> {
  const addresses = await Promise.all(
    sentinels.map(({ port }) => askRedis(port, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName)),
  );
  const named = nodes.find(({ link }) => addresses.every((address) => String(address) === `127.0.0.1,${link.port}`));
  if (named === undefined) throw new Error(`the sentinels do not agree: ${addresses.join(" ")}`);
  return named;
}
