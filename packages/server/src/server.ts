import { fileURLToPath } from "node:url";
import { createApi } from "@hubbub/api";
import { Acceptor, createTimeline } from "@hubbub/broker";
import { createGateway } from "@hubbub/gateway";
import { BODY_MAX_BYTES, DEDUPE_WINDOW_MS, ProtocolError } from "@hubbub/protocol";
import {
  createHttpHost,
  createMetrics,
  type HttpHandler,
  type HttpHost,
  type Logger,
  type Metrics,
  readSigningKeys,
  type Service,
  withHealth,
} from "@hubbub/runtime";
import { isUnavailable } from "@hubbub/store";
import { createWriter } from "@hubbub/writer";
import { assertCanListen } from "./can-listen.ts";
import { createClusterParts, createEmbeddedParts, type Parts } from "./parts.ts";
import type { Settings } from "./settings.ts";

/** The page, bundled by `npm run build`. */
const PUBLIC_DIR = fileURLToPath(new URL("../../web/public", import.meta.url));
const PING_TIMEOUT_MS = 2_000;
/** Rows of a room that are still recognised when they are sent again after the log was lost: what a room says in ten minutes. */
const RECOGNISED_EVENTS_MAX = 20_000;
const PING_INTERVAL_MS = 250;
/** The data directory has one process at a time, which takes over from the last one without waiting for its lease to end. */
const EMBEDDED_WRITER = "embedded";

/** A role that runs: what stands in the way of readiness, and how it leaves. */
interface RunningRole {
  readiness(): readonly string[];
  drain(deadline: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

export interface RunningServer extends Service {
  readonly port: number;
}

/** Starts the roles asked for on one port. Roles leave in the order gateway, api, writer: users first. */
export async function startServer(settings: Settings, embedded: boolean, log: Logger): Promise<RunningServer> {
  await assertCanListen(settings.HOST, settings.PORT);
  const parts = embedded ? await createEmbeddedParts(settings) : await createClusterParts(settings, log);
  const metrics = createMetrics();
  const roles: RunningRole[] = [];
  const draining = { is: false };
  const served: { handler: HttpHandler } = { handler: () => notFound() };
  const ping = createPings(parts);
  const readiness = { check: () => obstacles(roles, ping, draining.is) };
  const host = createHttpHost({
    handler: withHealth(readiness, metrics, (request, address) => served.handler(request, address)),
    bodyMaxBytes: BODY_MAX_BYTES,
    trustedProxies: settings.TRUSTED_PROXIES,
    log,
  });
  served.handler = await startRoles({ settings, embedded, parts, metrics, log, host, roles });
  const port = await host.listen(settings.HOST, settings.PORT);
  log.info({ port, roles: settings.ROLES, embedded }, "listening");
  return {
    port,
    async drain(deadline) {
      draining.is = true;
      for (const role of roles) await role.drain(deadline);
    },
    async stop() {
      host.stopListening();
      for (const role of roles) await role.stop();
      host.close();
      await parts.close();
    },
  };
}

interface Context {
  readonly settings: Settings;
  readonly parts: Parts;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly host: HttpHost;
  readonly embedded: boolean;
  /** Filled in the order in which roles leave. */
  readonly roles: RunningRole[];
}

/** Answers what serves HTTP beyond the health routes. */
async function startRoles(context: Context): Promise<HttpHandler> {
  const { settings, embedded, parts, metrics, log, host, roles } = context;
  const { broker, store, keysFile } = parts;
  const node = settings.NODE_NAME;
  let handler: HttpHandler = () => notFound();
  if (keysFile !== undefined) {
    const keys = await readSigningKeys(keysFile);
    const { acceptor, timeline } = createFront(context);
    if (settings.ROLES.includes("gateway")) {
      roles.push(createGateway({ app: host.app, broker, acceptor, store, keys, settings, node, metrics, log }));
    }
    if (settings.ROLES.includes("api")) {
      const api = createApi({ broker, acceptor, timeline, store, keys, settings, publicDir: PUBLIC_DIR, log, metrics });
      roles.push({ readiness: () => [], drain: async () => undefined, stop: () => api.close() });
      handler = api.handler;
    }
    roles.push(leavingOf(acceptor));
  }
  if (settings.ROLES.includes("writer")) {
    roles.push(
      createWriter({
        broker,
        store,
        settings: paceOf(settings, embedded),
        owner: embedded ? EMBEDDED_WRITER : `${node}/${crypto.randomUUID()}`,
        metrics,
        log,
      }),
    );
  }
  return handler;
}

/** Behind all that accepts and before the writer: what the process keeps for a lost log leaves with it. */
function leavingOf(acceptor: Acceptor): RunningRole {
  return {
    readiness: () => [],
    drain: (deadline) => acceptor.drain(deadline),
    stop: () => acceptor[Symbol.asyncDispose](),
  };
}

/** Embedded, every ack waits for its commit and every delivery for its mark: neither may wait for company. */
function paceOf(settings: Settings, embedded: boolean): Settings {
  return embedded ? { ...settings, BATCH_GATHER_MAX_MS: 0, MARK_INTERVAL_MS: 0 } : settings;
}

/** The way into the log, which gateway and api share in one process, and the api's way to read a room. */
function createFront({ parts: { broker, store }, log }: Context) {
  const acceptor = new Acceptor({
    broker,
    beginEpoch: (room, seen, jump) => store.rooms.beginEpoch(room, seen, jump).catch(refuse),
    recent: (room) => store.events.recent(room, Date.now() - DEDUPE_WINDOW_MS, RECOGNISED_EVENTS_MAX).catch(refuse),
    fence: {
      seal: (shard, start) => store.shards.seal(shard, start).catch(refuse),
      stored: (room, range, events) => store.events.stored(room, range, events).catch(refuse),
    },
    log,
  });
  const timeline = createTimeline(broker, store.events.page);
  return { acceptor, timeline };
}

/** A room without an epoch cannot be numbered while the store is away: the sender keeps the event. */
function refuse(error: unknown): never {
  throw isUnavailable(error) ? new ProtocolError("unavailable", undefined, { cause: error }) : error;
}

type Pings = () => Promise<readonly [boolean, boolean]>;

/** Asked at every /readyz by whoever can reach it: log and store are asked at most once in `PING_INTERVAL_MS`. */
function createPings({ broker, store }: Parts): Pings {
  let askedAt = Number.NEGATIVE_INFINITY;
  let answered: ReturnType<Pings> | undefined;
  return () => {
    if (answered === undefined || performance.now() - askedAt >= PING_INTERVAL_MS) {
      askedAt = performance.now();
      answered = Promise.all([answers(broker.ping()), answers(store.ping())]);
    }
    return answered;
  };
}

async function obstacles(roles: readonly RunningRole[], ping: Pings, isDraining: boolean): Promise<readonly string[]> {
  const [log, store] = await ping();
  return [
    ...(isDraining ? ["draining"] : []),
    ...(log ? [] : ["the log does not answer"]),
    ...(store ? [] : ["the store does not answer"]),
    ...roles.flatMap((role) => role.readiness()),
  ];
}

/** Whether a ping comes back in time; its error is the answer here, and no fault of the process. */
async function answers(ping: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, PING_TIMEOUT_MS, false);
  });
  const came = ping.then(
    () => true,
    () => false,
  );
  const result = await Promise.race([came, late]);
  clearTimeout(timer);
  return result;
}

function notFound(): Response {
  return Response.json(
    { type: "about:blank", title: "Not Found", status: 404, code: "not_found", detail: "no such path" },
    {
      status: 404,
      headers: { "content-type": "application/problem+json" },
    },
  );
}
