import { join } from "node:path";
import {
  type Cluster,
  type ClusterEvent,
  type Embedded,
  openDataDirectory,
  type PatroniService,
  type RedisService,
  type SentinelService,
  startAll,
  startCluster,
  startEmbedded,
  startPatroni,
  startRedis,
  startSentinel,
} from "@hubbub/testkit";
import { type Links, startLinks } from "../faults/links.ts";
import { mountSmallDisk, type SmallDisk } from "../faults/small-disk.ts";
import { type Needs, NotHere } from "./fault.ts";

/** What clients talk to. */
export type Front = Pick<Cluster, "url" | "wsUrl" | "gateways" | "ready">;

/** A cluster to be broken, and the means for it. */
export interface World extends AsyncDisposable {
  readonly front: Front;
  /** null: it is embedded */
  readonly cluster: Cluster | null;
  readonly embedded: Embedded | null;
  readonly links: Links | null;
  readonly sentinel: SentinelService | null;
  readonly patroni: PatroniService | null;
  readonly disk: SmallDisk | null;
  readonly directory: string;
}

/** A drill's clients share one address and talk fast; everything else is as it is by default. */
const unlimited = {
  FRAMES_PER_SECOND: "100000",
  PUBLISHES_PER_SECOND: "100000",
  PUBLISHES_PER_SECOND_PER_USER: "1000000",
  PUBLISHES_PER_SECOND_PER_ADDRESS: "1000000",
  ROOMS_PER_MINUTE_PER_USER: "100000",
  MEMBERSHIP_CHANGES_PER_SECOND_PER_ROOM: "100000",
  PAGE_BYTES_PER_SECOND_PER_USER: "1073741824",
  PAGE_BYTES_PER_SECOND_PER_ADDRESS: "1073741824",
};
const databaseName = "drill";
/** The log of a whole drill fits, and a rewrite of it. */
const diskMegabytes = 1_024;

/** @throws NotHere when this machine cannot give what is needed */
export function openWorld(needs: Needs, onEvent: (event: ClusterEvent) => void): Promise<World> {
  if (needs.embedded === true) return openEmbedded();
  return startAll(async (owned) => {
    const directory = await openDataDirectory("drill", undefined);
    owned.use({ [Symbol.asyncDispose]: directory.close });
    const disk = needs.redis === "small disk" ? await mountDisk(join(directory.path, "redis")) : null;
    if (disk !== null) owned.use(disk);
    const sentinel = needs.redis === "sentinel" ? owned.use(await startSentinel()) : null;
    const patroni = needs.patroni === true ? owned.use(await startPatroni()) : null;
    // The cluster starts a Postgres of its own all the same, which nobody uses then.
    const urls = {
      ...(sentinel === null ? {} : { REDIS_URL: sentinel.url }),
      ...(patroni === null ? {} : { DATABASE_URL: await patroni.createOwnDatabase(databaseName) }),
    };
    const redis = needs.redis === "always" ? owned.use(await startAlways(join(directory.path, "redis"))) : undefined;
    const wired: { links: Links | null } = { links: null };
    const wire: Parameters<typeof startCluster>[0]["wire"] = async (parts) => {
      wired.links = await startLinks(parts);
      return wired.links;
    };
    const cluster = await startCluster({
      gateways: 2,
      writers: 2,
      apis: needs.apis ?? 1,
      zones: needs.zones,
      takesBackups: needs.backups,
      directory: directory.path,
      redis: sentinel?.nodes[0]?.service ?? redis,
      env: { ...unlimited, ...urls, ...needs.env },
      wire: needs.links === true ? wire : undefined,
      onEvent,
    });
    owned.use(cluster);
    return {
      ...{
        front: cluster,
        cluster,
        embedded: null,
        sentinel,
        patroni,
        disk,
        directory: directory.path,
        links: wired.links,
      },
      [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
    };
  });
}

async function openEmbedded(): Promise<World> {
  const embedded = await startEmbedded(unlimited);
  const front = { url: embedded.url, wsUrl: embedded.wsUrl, gateways: [], ready: async () => undefined };
  return {
    ...{
      front,
      cluster: null,
      embedded,
      links: null,
      sentinel: null,
      patroni: null,
      disk: null,
      directory: embedded.directory,
    },
    [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose](),
  };
}

/** Where rows are now, for clients that know one host. */
export async function storeUrlOf({ cluster, patroni }: World): Promise<string | null> {
  return (await patroni?.ownUrlOfLeader(databaseName)) ?? cluster?.databaseUrl ?? null;
}

function startAlways(directory: string): Promise<RedisService> {
  return startRedis({ directory, settings: ["--appendfsync", "always"] });
}

async function mountDisk(path: string): Promise<SmallDisk> {
  const disk = await mountSmallDisk(path, diskMegabytes);
  if (disk === null) throw new NotHere("a small disk cannot be mounted here: that needs root");
  return disk;
}
