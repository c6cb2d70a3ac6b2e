import type { TemplatedApp } from "uWebSockets.js";
import { randomBytes } from "node:crypto";
import { type Acceptor, type Broker, createTimeline, type RoomLog, type Timeline } from "@hubbub/broker";
import { Changes, ReadMarks } from "@hubbub/chat";
import type { RoomId } from "@hubbub/protocol";
import {
  createSecurityLog,
  KeyedLimiter,
  type Logger,
  LoopLoad,
  type Metrics,
  type SigningKeys,
  type TraceRing,
  traceNow,
} from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import { Background } from "./background.ts";
import type { GatewaySettings } from "./config.ts";
import { Flusher } from "./connections/flusher.ts";
import { ConnectionRegistry } from "./connections/registry.ts";
import type { Context } from "./context.ts";
import { TYPING_MS } from "./handlers/typing.ts";
import { HeadFeeds } from "./head-feeds.ts";
import { createLimit } from "./limit.ts";
import { createGatewayLimits } from "./limits/create-gateway-limits.ts";
import { createSpikes, type GatewaySpikes } from "./limits/spikes.ts";
import { LoadShedder } from "./load-shedder.ts";
import { MembershipCache } from "./membership.ts";
import { createGatewayMetrics, type GatewayMetrics } from "./metrics.ts";
import { Personal } from "./personal.ts";
import { Presence } from "./presence.ts";
import { Lineage } from "./recovery/lineage.ts";
import { LostPositions } from "./recovery/lost-positions.ts";
import { endCatchUps } from "./recovery/restored-rooms.ts";
import { CHUNKS_PER_TURN } from "./rooms/catch-up.ts";
import { Hub } from "./rooms/hub.ts";
import type { RoomOutlet } from "./rooms/live-room.ts";
import { Pages } from "./rooms/pages.ts";
import { Repairs } from "./rooms/repairs.ts";
import { RingBudget } from "./rooms/ring-budget.ts";
import { SlowConnections } from "./rooms/slow.ts";
import { TurnThrottle } from "./turn-throttle.ts";

const PUBLIC_ID_BYTES = 6;
/** Concurrent checks of signatures. */
const HELLOS_AT_ONCE = 32;
/** Hellos that begin in one turn of the event loop: what admitted clients ask for next comes before further hellos. */
const HELLOS_PER_TURN = 8;
/** Hellos that may wait: less than two seconds' worth of signatures. */
const HELLOS_WAITING_MAX = 5_000;

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
  /** In which the node is, for operators. */
  readonly zone?: string | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** undefined: no event is traced. */
  readonly trace?: TraceRing | undefined;
}

/** The context of the handlers, with the parts that only the gateway itself uses. */
export interface GatewayContext extends Context {
  readonly background: Background;
  readonly slow: SlowConnections;
  readonly lineage: Lineage;
}

export function createContext(options: GatewayOptions): GatewayContext {
  const { broker, acceptor, store, keys, settings, log } = options;
  const metrics = createGatewayMetrics(options.metrics);
  const publicId = randomBytes(PUBLIC_ID_BYTES).toString("hex");
  log.info({ id: publicId }, "clients know this gateway by this id");
  const background = new Background(log, metrics);
  const base = {
    publicId,
    broker,
    acceptor,
    keys,
    settings,
    metrics,
    log,
    background,
    connections: new ConnectionRegistry(),
    shedder: new LoadShedder(settings.SHED_DELAY_MS, metrics),
  };
  const securityLog = createSecurityLog(log);
  const spikes = createSpikes(options, securityLog);
  const rooms = createRooms(options, base, spikes);
  metrics.gauge("connections", "Open connections", () => base.connections.size);
  metrics.gauge("rooms", "Rooms served", () => rooms.hub.size);
  return {
    ...base,
    ...rooms,
    presence: createPresence(options, base, rooms.hub),
    securityLog,
    helloTurns: new TurnThrottle(HELLOS_PER_TURN),
    hellos: createLimit(HELLOS_AT_ONCE, HELLOS_WAITING_MAX, "too many connections say hello at once"),
    files: store.files,
    membership: new MembershipCache(store.members, settings.MEMBERSHIPS_CACHED),
    changes: new Changes({
      log: broker,
      timeline: rooms.timeline,
      store,
      editWindowMs: settings.EDIT_WINDOW_MS,
      mentionAllMaxMembers: settings.MENTION_ALL_MAX_MEMBERS,
    }),
    spikes,
    limits: createGatewayLimits({ settings, broker, store, securityLog, metrics, background }),
    typings: new KeyedLimiter(1_000 / TYPING_MS, 1),
    signals: { inflight: 0 },
    ...createPersonal(options, background),
  };
}

type Base = Pick<GatewayContext, "publicId" | "metrics" | "background" | "connections" | "shedder">;

function createRooms(
  { app, broker, acceptor, store, settings, trace }: GatewayOptions,
  base: Base,
  spikes: GatewaySpikes,
) {
  const { metrics, background, connections } = base;
  const load = new LoopLoad({ fromPercent: settings.GATHER_FROM_PERCENT, fullPercent: settings.GATHER_FULL_PERCENT });
  const publish = (topic: string, frame: Buffer | string) => void app.publish(topic, frame);
  const flusher = new Flusher((now) => load.gatherMs(settings.FLUSH_MAX_MS, now), publish);
  const timeline = countedTimeline(broker, store, metrics);
  const pages = new Pages(timeline);
  const catchUps = { pages, catchUpTurns: new TurnThrottle(CHUNKS_PER_TURN), settings, metrics };
  const slow = new SlowConnections({ ...catchUps, connections, background });
  const repairs = new Repairs(pages, background);
  const outlet: RoomOutlet = {
    flusher,
    budget: new RingBudget(settings.RINGS_MAX_BYTES),
    publish,
    published(room, bytes) {
      slow.published(room, bytes);
      spikes.count("fan_out", room.listeners.size);
      metrics.handedOut(room.listeners.size);
    },
    saw(room, seq) {
      acceptor.recovery.saw(room, seq);
      if (trace?.isTraced(seq)) noteDelivery(trace, hub, room, seq);
    },
    eventDelivered: metrics.eventDelivered,
    eventRepaired: metrics.eventRepaired,
    gapAnnounced: metrics.gapAnnounced,
    holeFound: (room) => repairs.start(room),
    restarted: (room) => endCatchUps(connections, room),
  };
  const { ROOMS_PER_NODE: roomsMax, ROOM_LINGER_MS: lingerMs } = settings;
  const hub = new Hub({ broker, store, outlet, background, roomsMax, lingerMs });
  const lineage = new Lineage(store.rooms);
  const lostPositions = new LostPositions({ hub, repairs, lineage });
  return { ...catchUps, timeline, flusher, slow, hub, lineage, lostPositions };
}

/** The frame is handed to the connections in this turn of the event loop, or within FLUSH_MAX_MS while the gateway is busy. */
function noteDelivery(trace: TraceRing, hub: Hub, id: RoomId, seq: number): void {
  const room = hub.find(id);
  if (room === undefined) return;
  trace.note({
    room: id,
    epoch: room.epoch,
    seq,
    name: "delivered",
    at: traceNow(),
    ms: 0,
    count: room.listeners.size,
  });
}

/** What reaches the connections of a user, or many rooms at once: apart from the way of an event. */
function createPersonal({ app, broker, store, settings }: GatewayOptions, background: Background) {
  const publish = (topic: string, frame: Buffer | string) => void app.publish(topic, frame);
  const attempt = (write: () => Promise<void>) => background.attempt("read marks", write);
  return {
    readMarks: new ReadMarks({ log: broker, store, attempt }),
    personal: new Personal({ broker, publish, lingerMs: settings.ROOM_LINGER_MS }),
    headFeeds: new HeadFeeds({ publish, hasListeners: (topic) => app.numSubscribers(topic) > 0 }),
  };
}

function createPresence({ broker, node, build, zone }: GatewayOptions, base: Base, hub: Hub): Presence {
  const { publicId, background, connections, shedder } = base;
  return new Presence({
    broker,
    background,
    node,
    publicId,
    build,
    zone,
    startedAt: Date.now(),
    figures: () => ({ connections: connections.size, rooms: hub.size }),
    online: () => connections.byUser.keys(),
    isOnline: (user) => connections.byUser.countOf(user) > 0,
    mayWait: () => shedder.shouldShed("presence"),
  });
}

/** The timeline of log and store, with every read of either counted. */
function countedTimeline(broker: RoomLog, store: Store, metrics: GatewayMetrics): Timeline {
  const sources = {
    tail(...asked: Parameters<RoomLog["tail"]>) {
      metrics.timelineRead("log");
      return broker.tail(...asked);
    },
    heads: (...asked: Parameters<RoomLog["heads"]>) => broker.heads(...asked),
  };
  return createTimeline(sources, (...asked) => {
    metrics.timelineRead("store");
    return store.events.page(...asked);
  });
}
