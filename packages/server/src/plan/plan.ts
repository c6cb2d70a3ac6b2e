import { type RedisUse, redisBytes } from "../doctor/redis-memory.ts";
import type { Settings } from "../settings.ts";
import { costAt, type Figures } from "./figures.ts";
import type { Load, Machine } from "./load.ts";
import { SIZES } from "./sizes.ts";

/** Of a core, at the busiest time: above, delays grow, and a lost process leaves too much to the others. */
const BUSY = 0.5;
const MICRO = 1e-6;
const DAY_SECONDS = 86_400;
const SHARDS_PER_WRITER = 4;
const SHARDS_MIN = 4;
const GATEWAYS_MAX = 10_000;
/** What a Redis keeps free for heads, presence and buffers of connections. */
const REDIS_ROOM = 1.25;
/** Base backups that are kept and nearly as large as the newest one: 7 daily and 5 weekly. */
const LATE_BASES = 12;
const MONTHS = 12;
const MONTH_DAYS = 30;
/** What compression leaves of rows and of WAL. */
const COMPRESSED = 0.4;
const WAL_DAYS = 365;
const NETWORK_BYTES = 1.25e9;

export interface Bound {
  readonly name: string;
  /** Messages a second at which it is reached, other things being equal. */
  readonly perSecond: number;
}

export interface Plan {
  readonly gateways: number;
  readonly apis: number;
  readonly writers: number;
  readonly shards: number;
  readonly gatewayBytes: number;
  /** By the bounds of the settings, whatever happens; what it takes at this load is less. */
  readonly redis: { readonly maxBytes: number; readonly cores: number };
  readonly postgres: {
    readonly rows: number;
    readonly rowBytes: number;
    readonly searchBytes: number;
    readonly walBytesPerDay: number;
    readonly cores: number;
  };
  readonly backups: { readonly bytesPerTarget: number };
  readonly network: { readonly toClients: number; readonly fromRedis: number };
  /** Of what cannot be had twice, the one that comes first is first. */
  readonly bounds: readonly Bound[];
}

type Bounds = Pick<
  Settings,
  "BACKLOG_MAX_BYTES" | "REPLAY_MAX_BYTES" | "TAIL_MAX_BYTES" | "CONNECTIONS_PER_NODE" | "RINGS_MAX_BYTES"
>;

/** Computes only. `settings`: the bounds that the processes will have. */
export function planOf(load: Load, machine: Machine, figures: Figures, settings: Bounds): Plan {
  const gateways = gatewaysFor(load, figures, settings);
  // One more than the rate needs: the spare takes the shards of one that is lost.
  const writers = Math.ceil(load.perSecond / (figures.writerRowsPerSecond * BUSY)) + 1;
  const shards = Math.max(SHARDS_MIN, writers * SHARDS_PER_WRITER);
  const use: RedisUse = { rooms: load.rooms, messagesPerSecond: load.perSecond };
  const rows = load.meanPerSecond * DAY_SECONDS * load.days;
  const rowBytes = rows * (SIZES.row + load.text);
  const walBytesPerDay = load.meanPerSecond * DAY_SECONDS * (SIZES.wal + load.text);
  return {
    ...{ gateways, apis: Math.max(2, Math.ceil(gateways / 2)), writers, shards },
    gatewayBytes: (load.online / gateways) * figures.connectionBytes + settings.RINGS_MAX_BYTES,
    redis: {
      maxBytes: redisBytes({ ...settings, SHARDS: shards }, use).sum * REDIS_ROOM,
      cores: load.perSecond * costAt(figures.redis, load.perSecond) * MICRO,
    },
    postgres: {
      ...{ rows, rowBytes, walBytesPerDay, searchBytes: rows * load.text * SIZES.searchShare },
      cores: load.perSecond * figures.postgresMicros * MICRO,
    },
    backups: {
      bytesPerTarget: (basesOf(load) * rowBytes + Math.min(load.days, WAL_DAYS) * walBytesPerDay) * COMPRESSED,
    },
    network: {
      toClients: load.perSecond * load.listeners * (SIZES.frame + load.text),
      fromRedis: load.perSecond * Math.min(gateways, load.listeners) * (SIZES.frame + load.text),
    },
    bounds: boundsOf(load, machine, figures, gateways),
  };
}

/** All base backups at the end, in sizes of the newest one: a monthly one has the rows of its day. */
function basesOf({ days }: Load): number {
  const monthly = Array.from({ length: MONTHS }, (_, months) => Math.max(0, 1 - (months * MONTH_DAYS) / days));
  return LATE_BASES + monthly.reduce((sum, share) => sum + share, 0);
}

/** One more than needed, so that one may be lost; two at least. */
function gatewaysFor(
  { online, perSecond, listeners }: Load,
  figures: Figures,
  { CONNECTIONS_PER_NODE }: Bounds,
): number {
  const deliveries = (perSecond * listeners) / figures.deliveriesPerCpuSecond;
  for (let count = 1; count < GATEWAYS_MAX; count += 1) {
    const own = perSecond / count;
    const cores = own * costAt(figures.gateway, own) * MICRO + deliveries / count;
    if (cores <= BUSY && online / count <= CONNECTIONS_PER_NODE * BUSY) return count + 1;
  }
  return GATEWAYS_MAX;
}

/** More processes do not help against these: one Redis, one Postgres and their machines. */
function boundsOf(load: Load, { cores }: Machine, figures: Figures, gateways: number): Bound[] {
  const perMessage = Math.min(gateways, load.listeners) * (SIZES.frame + load.text);
  const bounds = [
    { name: "the one core of Redis", perSecond: rateOf((rate) => rate * costAt(figures.redis, rate) * MICRO) },
    { name: "10 Gbit/s from Redis to the gateways", perSecond: NETWORK_BYTES / perMessage },
    { name: `${cores} cores of Postgres`, perSecond: (cores / (figures.postgresMicros * MICRO)) * BUSY },
    { name: "the rows that one Postgres commits", perSecond: figures.writerRowsPerSecond },
  ];
  return bounds.sort((a, b) => a.perSecond - b.perSecond);
}

const RATE_MAX = 1e6;
const RATE_STEPS = 200;

/** The least rate at which a core is full. */
function rateOf(cores: (rate: number) => number): number {
  const rates = Array.from({ length: RATE_STEPS }, (_, at) => 100 * (RATE_MAX / 100) ** (at / (RATE_STEPS - 1)));
  return rates.find((rate) => cores(rate) >= 1) ?? RATE_MAX;
}
