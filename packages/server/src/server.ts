import { fileURLToPath } from "node:url";
import { createApi, isUpload } from "@hubbub/api";
import { clusterOf } from "@hubbub/backup";
import { type Acceptor, createAcceptor, createHistory, type History } from "@hubbub/broker";
import type { FileStorage } from "@hubbub/files";
import { createFlows } from "@hubbub/flows";
import { createGateway } from "@hubbub/gateway";
import { createJobs } from "@hubbub/jobs";
import { BODY_MAX_BYTES, DEDUPE_WINDOW_MS, ProtocolError } from "@hubbub/protocol";
import {
  createHttpHost,
  createMetrics,
  type HttpHandler,
  type HttpHost,
  type Logger,
  LoopLoad,
  type LoopRole,
  type Metrics,
  readSigningKeys,
  type Service,
} from "@hubbub/runtime";
import { createIndexer } from "@hubbub/search";
import { isUnavailable } from "@hubbub/store";
import { createWriter } from "@hubbub/writer";
import { buildVersion } from "./announce.ts";
import { BackupAges } from "./backup/backup-ages.ts";
import { ClusterBackups } from "./backup/cluster-backups.ts";
import { embeddedSource } from "./backup/embedded-source.ts";
import { ScheduledBackups } from "./backup/scheduled.ts";
import { assertCanListen } from "./can-listen.ts";
import { watchFigures } from "./figures/watch-figures.ts";
import { openFileStorage } from "./files.ts";
import { GenerationWatch } from "./generation-watch.ts";
import { notFound, opsOnly, withPublicHealth } from "./ops.ts";
import { createClusterParts, createEmbeddedParts, type Parts } from "./parts.ts";
import { exposeProcess } from "./process-metrics.ts";
import { Readiness } from "./readiness.ts";
import type { Settings } from "./settings.ts";
import { startTracing, type Tracing } from "./trace/start-tracing.ts";
import type { LeavingRole } from "./zone/leaving-role.ts";
import { repeatedMetrics } from "./zone/repeated-metrics.ts";
import { restartable } from "./zone/restartable.ts";
import { ZoneWatch } from "./zone/zone-watch.ts";

/** The page, bundled by `npm run build`. */
const PUBLIC_DIR = fileURLToPath(new URL("../../web/public", import.meta.url));
/** Rows are timed by the clock of the log, which may differ from this one by a window: the log leaves out what is older. */
const RECOGNISED_MS = 2 * DEDUPE_WINDOW_MS;
/** Rows of a room that are still recognised when they are sent again after the log was lost: what a room says in ten minutes. */
const RECOGNISED_EVENTS_MAX = 20_000;
/** The data directory has one process at a time, which takes over from the last one without waiting for its lease to end. */
const EMBEDDED_WRITER = "embedded";

export interface RunningServer extends Service {
  readonly port: number;
  /** undefined: operators have no port of their own. */
  readonly opsPort: number | undefined;
}

/** Starts the roles asked for on one port. Roles leave in the order gateway, api, writer: users first. */
export async function startServer(settings: Settings, embedded: boolean, log: Logger): Promise<RunningServer> {
  await assertCanListen(settings.HOST, settings.PORT);
  if (settings.OPS_PORT !== undefined) await assertCanListen(settings.HOST, settings.OPS_PORT, "OPS_PORT");
  const parts = embedded ? await createEmbeddedParts(settings) : await createClusterParts(settings, log);
  const metrics = createMetrics();
  const tracing = startTracing(settings, parts, log);
  const roles: LeavingRole[] = [];
  const draining = { is: false };
  const served: { handler: HttpHandler } = { handler: () => notFound() };
  const readiness = new Readiness({ parts, asked: settings.ROLES, roles, isDraining: () => draining.is });
  const handOver = () => roles.find((role) => role.handOver !== undefined)?.handOver ?? null;
  const exposed = exposeProcess({ settings, readiness, metrics, log });
  const figures = watchFigures({ settings, parts, metrics, readiness, isDraining: () => draining.is, log });
  const storage = await openFileStorage(settings, parts.directory);
  const backups = scheduleBackups(settings, parts, storage, log);
  const ages = backups === null ? null : watchAges(settings, metrics, log);
  const backUp = () => (backups === null ? null : () => backups.now());
  const { answer: trace } = tracing;
  const ops = { readiness, metrics, trace, hasOwnPort: settings.OPS_PORT !== undefined, handOver, backUp };
  const next: HttpHandler = (request, address) => served.handler(request, address);
  const hostOptions = { bodyMaxBytes: BODY_MAX_BYTES, trustedProxies: settings.TRUSTED_PROXIES, log };
  const host = createHttpHost({
    ...hostOptions,
    tls: tlsOf(settings),
    streamsBody: isUpload,
    handler: withPublicHealth(ops, next),
  });
  const opsHost = createHttpHost({ ...hostOptions, handler: opsOnly(ops, next) });
  served.handler = await startRoles({ settings, embedded, parts, tracing, storage, metrics, log, host, roles });
  // Last: users and writers do not wait for a backup that is being taken.
  if (backups instanceof ClusterBackups) roles.push(backups);
  if (!embedded) roles.unshift(await watchZone(settings, parts, roles, log));
  const port = await host.listen(settings.HOST, settings.PORT);
  const opsPort = settings.OPS_PORT === undefined ? undefined : await opsHost.listen(settings.HOST, settings.OPS_PORT);
  log.info({ port, opsPort, roles: settings.ROLES, embedded }, "listening");
  const watch = parts.generation === undefined ? null : new GenerationWatch(parts.store.cluster, parts.generation);
  return {
    port,
    opsPort,
    ended: watch?.ended,
    async drain(deadline) {
      draining.is = true;
      for (const role of roles) await role.drain(deadline);
    },
    async stop() {
      readiness[Symbol.dispose]();
      ages?.[Symbol.dispose]();
      watch?.[Symbol.dispose]();
      // What a handler needs is let go when no request is left that could use it.
      await Promise.all([host.finish(), opsHost.finish()]);
      for (const role of roles) await role.stop();
      host.close();
      opsHost.close();
      await exposed[Symbol.asyncDispose]();
      await figures[Symbol.asyncDispose]();
      await tracing[Symbol.asyncDispose]();
      await backups?.close();
      await storage?.[Symbol.asyncDispose]();
      await parts.close();
    },
  };
}

function tlsOf({ TLS_CERT_FILE: cert, TLS_KEY_FILE: key }: Settings) {
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

/** null: this process takes none. An embedded server takes its own: nobody else may open its database. */
function scheduleBackups(settings: Settings, parts: Parts, storage: FileStorage | undefined, log: Logger) {
  const { embedded } = parts;
  if (settings.ROLES.includes("backup")) return new ClusterBackups({ settings, parts, storage, log });
  if (embedded === undefined || settings.BACKUP_TARGETS.length === 0) return null;
  return new ScheduledBackups(embeddedSource(settings, embedded, storage), settings, log);
}

/** Embedded, every backup of a target counts: nobody else is expected to use it. */
function watchAges(settings: Settings, metrics: Metrics, log: Logger): BackupAges {
  const { DATABASE_URL: url } = settings;
  return new BackupAges({ settings, metrics, log, cluster: async () => (url === undefined ? null : clusterOf(url)) });
}

/** Begins before the process listens. As the first role it ends before the others leave. */
async function watchZone(settings: Settings, parts: Parts, roles: readonly LeavingRole[], log: Logger) {
  const { NODE_NAME: node, ZONE: zone } = settings;
  const watch = new ZoneWatch({ nodes: parts.store.nodes, node, zone, roles: [...roles], log });
  await watch.start();
  return watch;
}

interface Context {
  readonly settings: Settings;
  readonly parts: Parts;
  readonly tracing: Tracing;
  readonly storage: FileStorage | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly host: HttpHost;
  readonly embedded: boolean;
  /** Filled in the order in which roles leave. */
  readonly roles: LeavingRole[];
}

/** Answers what serves HTTP beyond the health routes. */
async function startRoles(context: Context): Promise<HttpHandler> {
  const handler = await startAccepting(context);
  if (context.settings.ROLES.includes("writer")) context.roles.push(...startWriter(context));
  return handler;
}

const ACCEPTING = ["gateway", "api", "flows", "jobs"] as const satisfies readonly Settings["ROLES"][number][];
const ownerName = ({ NODE_NAME }: Settings) => `${NODE_NAME}/${crypto.randomUUID()}`;

/** The roles that accept events, and share one way into the log. */
async function startAccepting(context: Context): Promise<HttpHandler> {
  const { settings, parts, tracing, storage, metrics, log, host, roles } = context;
  const { broker, store, keysFile, secretKeys } = parts;
  const has = (role: Settings["ROLES"][number]) => settings.ROLES.includes(role);
  let handler: HttpHandler = () => notFound();
  if (!ACCEPTING.some(has)) return handler;
  const { acceptor, history } = createFront(context);
  if (keysFile !== undefined && has("gateway")) {
    const keys = await readSigningKeys(keysFile);
    const known = { node: settings.NODE_NAME, build: buildVersion(), zone: settings.ZONE };
    const told = { keys, settings, ...known, metrics, log, trace: tracing.ring };
    const gateway = createGateway({ app: host.app, broker, acceptor, store, ...told });
    const { departures } = gateway;
    const suspend = (signal: AbortSignal) => departures.suspend(settings.ZONE_DRAIN_MS, signal);
    roles.push({ ...gateway, suspend, resume: () => departures.resume() });
  }
  if (keysFile !== undefined && has("api")) {
    const ofApi = { ...settings, SECRET_KEYS: secretKeys };
    const front = { broker, acceptor, history, store, storage, keys: await readSigningKeys(keysFile) };
    const api = createApi({ ...front, settings: ofApi, publicDir: PUBLIC_DIR, log, metrics });
    const { suspend, resume } = api;
    roles.push({ readiness: () => [], suspend, resume, drain: async () => undefined, stop: () => api.close() });
    handler = api.handler;
  }
  if (has("flows")) roles.push(startOnLeases(context, acceptor, history, createFlows));
  if (has("jobs")) roles.push(startOnLeases(context, acceptor, history, createJobs));
  roles.push(leavingOf(acceptor));
  return handler;
}

type OnLeases = (options: Parameters<typeof createFlows>[0] & Parameters<typeof createJobs>[0]) => LoopRole;

/** A role whose work is divided by leases in the store. */
function startOnLeases(
  { settings, parts, metrics: own, log }: Context,
  acceptor: Acceptor,
  history: History,
  create: OnLeases,
): LeavingRole {
  const { broker, store } = parts;
  const metrics = repeatedMetrics(own);
  return restartable(() => {
    const owner = ownerName(settings);
    return { readiness: () => [], ...create({ broker, acceptor, history, store, owner, metrics, log }) };
  });
}

/** The index of search, and the rows. */
function startWriter({ settings, embedded, parts, tracing, metrics: own, log }: Context): readonly LeavingRole[] {
  const { broker, store } = parts;
  const metrics = repeatedMetrics(own);
  const newOwner = () => (embedded ? EMBEDDED_WRITER : ownerName(settings));
  return [
    restartable(() => {
      const indexer = createIndexer({ index: store.searchIndex, owner: newOwner(), metrics, log });
      return { readiness: () => [], ...indexer };
    }),
    restartable(() => {
      const pace = paceOf(settings, embedded);
      return createWriter({ broker, store: tracing.store, settings: pace, owner: newOwner(), metrics, log });
    }),
  ];
}

/** Drains after all parts that accept, and before the writer, which stores the events that this process keeps for a lost log. */
function leavingOf(acceptor: Acceptor): LeavingRole {
  return {
    readiness: () => [],
    drain: (deadline) => acceptor.recovery.drain(deadline),
    stop: () => acceptor[Symbol.asyncDispose](),
  };
}

/** Embedded, every ack waits for its commit and every delivery for its mark, so neither may gather. */
function paceOf(settings: Settings, embedded: boolean): Settings {
  return embedded ? { ...settings, BATCH_GATHER_MAX_MS: 0, MARK_INTERVAL_MS: 0 } : settings;
}

/** The way into the log, which gateway and api share in one process, and the api's way to read a room. */
function createFront({ parts: { broker, store }, metrics, log, settings }: Context) {
  const load = new LoopLoad({ fromPercent: settings.GATHER_FROM_PERCENT, fullPercent: settings.GATHER_FULL_PERCENT });
  const acceptor = createAcceptor({
    broker,
    beginEpoch: (...asked) => store.rooms.beginEpoch(...asked).catch(refuse),
    recent: (room) => store.events.recent(room, Date.now() - RECOGNISED_MS, RECOGNISED_EVENTS_MAX).catch(refuse),
    fence: {
      seal: (shard, start) => store.shards.seal(shard, start).catch(refuse),
      stored: (room, range, events) => store.events.stored(room, range, events).catch(refuse),
      moved: (shard, events) => store.events.moved(shard, events).catch(refuse),
    },
    log,
    gatherMs: () => load.gatherMs(settings.GATHER_MAX_MS, performance.now()),
  });
  const kept = "Accepted events that this process keeps until they are stored";
  metrics.gauge("unstored_events", kept, () => acceptor.recovery.undurable);
  const history = createHistory(broker, store.events.page);
  return { acceptor, history };
}

/** A room without an epoch cannot be numbered while the store is away: the sender keeps the event. */
function refuse(error: unknown): never {
  throw isUnavailable(error) ? new ProtocolError("unavailable", undefined, { cause: error }) : error;
}
