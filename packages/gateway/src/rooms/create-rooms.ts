import type { TemplatedApp } from "uWebSockets.js";
import type { Acceptor, Deliveries, RoomLog, Timeline } from "@hubbub/broker";
import type { Store } from "@hubbub/store";
import type { Background } from "../background.ts";
import type { GatewaySettings } from "../config.ts";
import type { Flusher } from "../connections/flusher.ts";
import type { GatewayMetrics } from "../metrics.ts";
import { Hub } from "./hub.ts";
import type { LiveRoom, RoomOutlet } from "./live-room.ts";
import { Pages } from "./pages.ts";
import { Repairs } from "./repairs.ts";
import { RingBudget } from "./ring.ts";

export interface RoomsOptions {
  readonly app: TemplatedApp;
  readonly broker: RoomLog & Deliveries;
  readonly acceptor: Acceptor;
  readonly store: Store;
  readonly timeline: Timeline;
  readonly settings: GatewaySettings;
  readonly metrics: GatewayMetrics;
  readonly background: Background;
  readonly flusher: Flusher;
  /** A room published this many bytes. */
  published(room: LiveRoom, bytes: number): void;
  restarted(room: LiveRoom): void;
}

export function createRooms(options: RoomsOptions): { hub: Hub; pages: Pages } {
  const { app, broker, acceptor, store, settings, metrics, background } = options;
  const pages = new Pages(options.timeline);
  const repairs = new Repairs({ pages, background });
  const outlet: RoomOutlet = {
    flusher: options.flusher,
    budget: new RingBudget(settings.RINGS_MAX_BYTES),
    publish: (topic, frame) => {
      app.publish(topic, frame);
    },
    left: options.published,
    saw: (room, seq) => acceptor.recovery.saw(room, seq),
    eventDelivered: metrics.eventDelivered,
    eventRepaired: metrics.eventRepaired,
    gapAnnounced: metrics.gapAnnounced,
    holeFound: (room) => repairs.start(room),
    restarted: options.restarted,
  };
  const hub = new Hub({
    broker,
    store,
    outlet,
    repairs,
    background,
    roomsMax: settings.ROOMS_PER_NODE,
    lingerMs: settings.ROOM_LINGER_MS,
  });
  return { hub, pages };
}
