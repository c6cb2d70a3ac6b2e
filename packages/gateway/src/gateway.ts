import type { TemplatedApp } from "uWebSockets.js";
import { randomBytes } from "node:crypto";
import { type Acceptor, type Broker, REPORT_MS, UserRates } from "@hubbub/broker";
import { CLOSE, WEBSOCKET_PATH } from "@hubbub/protocol";
import {
  createSecurityLog,
  KeyedLimiter,
  type Logger,
  LoopLoad,
  type Metrics,
  Semaphore,
  type SigningKeys,
} from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import { Background } from "./background.ts";
import type { GatewaySettings } from "./config.ts";
import { closeExpired, closeUnauthenticated } from "./connections/deadlines.ts";
import { Flusher } from "./connections/flusher.ts";
import { handOver } from "./connections/hand-over.ts";
import { KeyedSerialQueue } from "./connections/keyed-serial-queue.ts";
import { ConnectionRegistry } from "./connections/registry.ts";
import type { Context } from "./context.ts";
import { applyControl, recheck } from "./control.ts";
import { LOOK_MS, LoadShedder } from "./load-shedder.ts";
import { MembershipCache } from "./membership.ts";
import { createGatewayMetrics } from "./metrics.ts";
import { overloaded } from "./overloaded.ts";
import { Presence } from "./presence.ts";
import { CHUNKS_PER_TURN, endCatchUps } from "./rooms/catch-up.ts";
import { countedTimeline } from "./rooms/counted-timeline.ts";
import { createRooms } from "./rooms/create-rooms.ts";
import { checkHeads } from "./rooms/heads.ts";
import { SlowConnections } from "./rooms/slow.ts";
import { TurnThrottle } from "./turn-throttle.ts";
import { createBehavior } from "./ws/behavior.ts";
import { Dispatcher } from "./ws/dispatch.ts";

export interface GatewayOptions {
  /** Not listening yet. */
  readonly app: TemplatedApp;
  readonly broker: Broker;
  readonly acceptor: Acceptor;
  readonly store: Store;
  readonly keys: SigningKeys;
  readonly settings: GatewaySettings;
  /** Unique among the nodes that run. */
  readonly node: string;
  /** Version of the build, for operators. */
  readonly build?: string | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface Gateway {
  /** Reasons not to send new connections here; empty when ready. */
  readiness(): string[];
  /** Problems that are no reason to refuse connections. */
  troubles(): string[];
  /** Tells every client to reconnect, because the front that they came through leaves. New connections are accepted. */
  handOver(): Promise<void>;
  /** Refuses new connections and hands the others over. Resolves when they are gone, or at the signal. */
  drain(signal: AbortSignal): Promise<void>;
  /** Closes the remaining connections and removes this node from the presence. The caller closes broker and store. */
  stop(): Promise<void>;
}

const PUBLIC_ID_BYTES = 6;
/** A front that leaves closes the connections after HUBBUB_SHUTDOWN_TIMEOUT (3 s): all are told well before that. */
const HAND_OVER_MS = 1_000;
const DEADLINES_MS = 250;
const EXPIRY_MS = 1_000;
const RECHECK_MS = 250;
const SLOW_CHECK_MS = 200;
/** Concurrent checks of signatures. */
const HELLOS_AT_ONCE = 32;
/** Hellos that begin in one turn of the event loop: what admitted clients ask for next comes before further hellos. */
const HELLOS_PER_TURN = 8;
/** Hellos that may wait: less than two seconds' worth of signatures. */
const HELLOS_WAITING_MAX = 5_000;

export function createGateway(options: GatewayOptions): Gateway {
  const { app, broker, settings, node } = options;
  const context = createContext(options);
  const { connections, hub, presence, background } = context;
  const dispatcher = new Dispatcher(context);
  const state = { isDraining: false, isSuspect: false };
  const stopping = new AbortController();
  let handingOver: Promise<void> | null = null;
  broker.listen({
    deliver: (room, frame) => hub.deliver(room, frame),
    control: (message) => applyControl(context, message),
    interrupted() {
      context.membership.clear();
      presence.retell();
      state.isSuspect = true;
    },
  });
  const { shedder, metrics, failedHellos, securityLog } = context;
  const policy = {
    settings,
    connections,
    shedder,
    metrics,
    failedHellos,
    securityLog,
    isDraining: () => state.isDraining,
  };
  app.ws(WEBSOCKET_PATH, createBehavior(context, dispatcher, policy));
  startBackground(context, options, state);
  return {
    readiness: () => (state.isDraining ? ["draining"] : []),
    troubles: () => (presence.isTold ? [] : ["the cluster may not know who is online here"]),
    async handOver() {
      if (state.isDraining) return;
      handingOver ??= handOver(connections, HAND_OVER_MS, stopping.signal).finally(() => {
        handingOver = null;
      });
      await handingOver;
    },
    async drain(signal) {
      state.isDraining = true;
      stopping.abort();
      await handOver(connections, settings.DRAIN_MS, signal);
      await Promise.race([dispatcher.settled(), aborted(signal)]);
    },
    async stop() {
      state.isDraining = true;
      stopping.abort();
      for (const connection of connections) connection.close(CLOSE.goingAway, "stopped");
      await background.stop();
      await background.attempt("presence drop", () => broker.presence.drop(node));
    },
  };
}

type OwnContext = Context & { readonly background: Background; readonly slow: SlowConnections };

function createContext(options: GatewayOptions): OwnContext {
  const { app, broker, acceptor, store, keys, settings, node, log } = options;
  const metrics = createGatewayMetrics(options.metrics);
  const publicId = randomBytes(PUBLIC_ID_BYTES).toString("hex");
  log.info({ id: publicId }, "clients know this gateway by this id");
  const background = new Background(log, metrics);
  const connections = new ConnectionRegistry();
  const timeline = countedTimeline(broker, store, metrics);
  const load = new LoopLoad({ fromPercent: settings.GATHER_FROM_PERCENT, fullPercent: settings.GATHER_FULL_PERCENT });
  const publish = (topic: string, frame: string) => void app.publish(topic, frame);
  const flusher = new Flusher((now) => load.holdBackMs(settings.FLUSH_MAX_MS, now), publish);
  const { hub, pages } = createRooms({
    app,
    broker,
    acceptor,
    store,
    timeline,
    settings,
    metrics,
    background,
    flusher,
    published: (room, bytes) => slow.published(room, bytes),
    restarted: (room) => endCatchUps(connections, room),
  });
  const catchUpContext = { pages, catchUpTurns: new TurnThrottle(CHUNKS_PER_TURN), settings, metrics };
  const slow = new SlowConnections({ ...catchUpContext, connections, background });
  const shedder = new LoadShedder(settings.SHED_DELAY_MS, metrics);
  const presence = new Presence({
    broker,
    background,
    node,
    publicId,
    build: options.build,
    startedAt: Date.now(),
    figures: () => ({ connections: connections.size, rooms: hub.size }),
    online: () => connections.users,
    isOnline: (user) => connections.countOfUser(user) > 0,
    mayWait: () => shedder.shouldShed("presence"),
  });
  const failedHellos = new KeyedLimiter(settings.FAILED_HELLOS_PER_SECOND_PER_ADDRESS);
  metrics.gauge("connections", "Open connections", () => connections.size);
  metrics.gauge("rooms", "Rooms served", () => hub.size);
  return {
    ...catchUpContext,
    roomQueue: new KeyedSerialQueue(),
    publicId,
    broker,
    acceptor,
    keys,
    connections,
    flusher,
    hub,
    presence,
    log,
    securityLog: createSecurityLog(log),
    background,
    slow,
    shedder,
    helloTurns: new TurnThrottle(HELLOS_PER_TURN),
    hellos: new Semaphore({
      permits: HELLOS_AT_ONCE,
      queueMax: HELLOS_WAITING_MAX,
      full: () => overloaded("too many connections say hello at once"),
    }),
    membership: new MembershipCache(store.members, settings.MEMBERSHIPS_CACHED),
    userPublishes: new UserRates(settings.PUBLISHES_PER_SECOND_PER_USER, broker.spending),
    addressPublishes: new KeyedLimiter(settings.PUBLISHES_PER_SECOND_PER_ADDRESS),
    addressPings: new KeyedLimiter(settings.PINGS_PER_SECOND_PER_ADDRESS),
    failedHellos,
    signals: { inflight: 0 },
  };
}

function startBackground(context: OwnContext, { broker, store }: GatewayOptions, state: { isSuspect: boolean }): void {
  const { background, connections, hub, settings, slow } = context;
  context.presence.start();
  background.loop("hello deadlines", DEADLINES_MS, () => closeUnauthenticated(connections, settings.HELLO_TIMEOUT_MS));
  background.loop("token expiry", EXPIRY_MS, () => closeExpired(connections, settings.TOKEN_GRACE_MS));
  background.loop("load shedder", LOOK_MS, () => context.shedder.look(performance.now()));
  background.loop("slow connections", SLOW_CHECK_MS, () => slow.check());
  background.loop("user rates", REPORT_MS, () => context.userPublishes.report());
  background.loop("heads", settings.HEADS_CHECK_MS, () => checkHeads(broker, hub));
  background.loop("room sweep", settings.HEADS_CHECK_MS, () => hub.sweep());
  background.loop("recheck", RECHECK_MS, async () => {
    if (!state.isSuspect) return;
    state.isSuspect = false;
    const done = await background.attempt("recheck after interruption", async () => {
      await checkHeads(broker, hub);
      await recheck(context, store);
    });
    state.isSuspect ||= !done;
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
