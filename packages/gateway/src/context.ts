import type { Acceptor, Broker, UserRates } from "@hubbub/broker";
import type { KeyedLimiter, Logger, SecurityLog, SigningKeys } from "@hubbub/runtime";
import type { GatewaySettings } from "./config.ts";
import type { Flusher } from "./connections/flusher.ts";
import type { Lanes } from "./connections/keyed-serial-queue.ts";
import type { Refusals } from "./connections/refusals.ts";
import type { Connections } from "./connections/registry.ts";
import type { Line } from "./line.ts";
import type { Strain } from "./load-shedder.ts";
import type { Membership } from "./membership.ts";
import type { GatewayMetrics } from "./metrics.ts";
import type { Presence } from "./presence.ts";
import type { Hub } from "./rooms/hub.ts";
import type { Pages } from "./rooms/pages.ts";
import type { Pace } from "./turn-throttle.ts";

/** What the handlers of frames work with. */
export interface Parts {
  readonly settings: GatewaySettings;
  /** What clients know this gateway by: host names and pids are nobody's business. */
  readonly publicId: string;
  readonly broker: Broker;
  readonly acceptor: Acceptor;
  readonly keys: SigningKeys;
  readonly connections: Connections;
  readonly flusher: Flusher;
  readonly hub: Hub;
  readonly pages: Pages;
  readonly lanes: Lanes;
  readonly pace: Pace;
  /** Of hellos: a crowd is admitted a few at a time. */
  readonly helloTurns: Pace;
  /** Of signatures to be checked. */
  readonly hellos: Line;
  readonly membership: Membership;
  readonly presence: Presence;
  readonly userPublishes: UserRates;
  readonly addressPublishes: KeyedLimiter;
  readonly addressPings: KeyedLimiter;
  readonly failedHellos: KeyedLimiter;
  readonly refusals: Refusals;
  /** Typing signals that Redis has not taken yet, of the whole gateway. */
  readonly signals: { inflight: number };
  readonly strain: Strain;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
  readonly securityLog: SecurityLog;
}
