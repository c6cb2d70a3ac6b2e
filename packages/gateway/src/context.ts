import type { Acceptor, Broker } from "@hubbub/broker";
import type { Changes, ReadMarks } from "@hubbub/chat";
import type { KeyedLimiter, Logger, SecurityLog, SigningKeys } from "@hubbub/runtime";
import type { Files } from "@hubbub/store";
import type { GatewaySettings } from "./config.ts";
import type { Flusher } from "./connections/flusher.ts";
import type { ConnectionRegistry } from "./connections/registry.ts";
import type { Position } from "./connections/subscription.ts";
import type { HeadFeeds } from "./head-feeds.ts";
import type { Limit } from "./limit.ts";
import type { GatewayLimits } from "./limits/gateway-limits.ts";
import type { GatewaySpikes } from "./limits/spikes.ts";
import type { LoadShedder } from "./load-shedder.ts";
import type { MembershipCache } from "./membership.ts";
import type { GatewayMetrics } from "./metrics.ts";
import type { Personal } from "./personal.ts";
import type { Presence } from "./presence.ts";
import type { Joined, Start } from "./rooms/catch-up.ts";
import type { Hub } from "./rooms/hub.ts";
import type { Pages } from "./rooms/pages.ts";
import type { TurnThrottle } from "./turn-throttle.ts";

/** What the handlers of frames work with. */
export interface Context {
  readonly settings: GatewaySettings;
  /** The id that clients see: it tells them neither host name nor pid. */
  readonly publicId: string;
  readonly broker: Broker;
  readonly acceptor: Acceptor;
  readonly keys: SigningKeys;
  readonly connections: ConnectionRegistry;
  readonly flusher: Flusher;
  readonly hub: Hub;
  readonly pages: Pages;
  /** Where a catch-up begins when this gateway does not know the position. */
  readonly lostPositions: { startOf(joined: Joined, since: Position): Promise<Start> };
  readonly catchUpTurns: TurnThrottle;
  /** Admits a reconnecting crowd a few hellos at a time. */
  readonly helloTurns: TurnThrottle;
  /** Bounds concurrent checks of signatures. */
  readonly hellos: Limit;
  readonly membership: MembershipCache;
  readonly changes: Changes;
  readonly readMarks: ReadMarks;
  readonly personal: Personal;
  readonly headFeeds: HeadFeeds;
  readonly files: Pick<Files, "attach" | "check">;
  readonly presence: Presence;
  readonly limits: GatewayLimits;
  readonly spikes: GatewaySpikes;
  readonly typings: KeyedLimiter;
  /** Typing signals that Redis has not taken yet, of the whole gateway. */
  readonly signals: { inflight: number };
  readonly shedder: LoadShedder;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
  readonly securityLog: SecurityLog;
}
