import { eventRateSettings } from "@hubbub/broker";
import { chatSettings } from "@hubbub/chat";
import { HELLO_TIMEOUT_MS } from "@hubbub/protocol";
import { addresses, integer, origins } from "@hubbub/runtime";
import type { z } from "zod";

const MIB = 1_048_576;

/** Environment of a gateway. Every limit has a default that suits one machine; a cluster sets what it needs. */
export const gatewaySettings = {
  /** Exact origins of pages that may connect; `*`: any. A client that sends no Origin is no page, and may. */
  ALLOWED_ORIGINS: origins(),
  /** Addresses of proxies whose `X-Real-IP` is believed. */
  TRUSTED_PROXIES: addresses(),

  CONNECTIONS_PER_NODE: integer(1, 1_000_000, 50_000),
  CONNECTIONS_PER_ADDRESS: integer(1, 1_000_000, 20_000),
  CONNECTIONS_PER_USER: integer(1, 1_000_000, 1_000),
  /** Connections without an accepted hello; the bound for one address keeps it from taking all places. */
  UNAUTHENTICATED_PER_NODE: integer(1, 1_000_000, 5_000),
  UNAUTHENTICATED_PER_ADDRESS: integer(1, 1_000_000, 1_000),
  /** Hellos with a bad token; past it the address is refused before any signature is checked. */
  FAILED_HELLOS_PER_SECOND_PER_ADDRESS: integer(1, 1_000_000, 50),
  HELLO_TIMEOUT_MS: integer(50, 60_000, HELLO_TIMEOUT_MS),
  /** How long after its token expired a client may still say hello with a new one. */
  TOKEN_GRACE_MS: integer(0, 3_600_000, 30_000),
  /** A silent connection is pinged, and closed after this. uWS takes 8 to 960. */
  IDLE_TIMEOUT_SECONDS: integer(8, 960, 60),
  /** Clients are told to ping when they heard nothing for this long. */
  HEARTBEAT_MS: integer(1_000, 600_000, 25_000),
  /** Unsent bytes of one connection at which it is cut. Worst-case memory: this times the connections. */
  MAX_BACKPRESSURE_BYTES: integer(MIB, 64 * MIB, MIB),
  /** A quarter of that makes a connection slow: it is paused, and closed unless it catches up within this. */
  SLOW_DEADLINE_MS: integer(100, 600_000, 30_000),

  FRAMES_PER_SECOND: integer(1, 1_000_000, 200),
  PUBLISHES_PER_SECOND: integer(1, 1_000_000, 50),
  ...eventRateSettings,
  ...chatSettings,
  PUBLISHES_PER_SECOND_PER_ADDRESS: integer(1, 1_000_000, 2_000),
  /** `ping` frames and WebSocket pings of all connections of one address. */
  PINGS_PER_SECOND_PER_ADDRESS: integer(1, 1_000_000, 2_000),
  /** The least numbers in ten seconds that can be a spike: see `Spikes`. 0: never. Fan-out: frames times listeners. */
  SPIKE_FAN_OUT: integer(0, 1_000_000_000, 10_000_000),
  SPIKE_FAILED_HELLOS: integer(0, 1_000_000, 100),
  /** Frames of one connection that may be unreadable before it is closed. */
  BAD_FRAMES_MAX: integer(0, 1_000_000, 20),
  SUBSCRIPTIONS_PER_CONNECTION: integer(1, 100_000, 1_000),
  /** Publishes of one connection that may wait for their ack. */
  INFLIGHT_PUBLISHES_PER_CONNECTION: integer(1, 100_000, 256),

  ROOMS_PER_NODE: integer(1, 100_000, 100_000),
  /** How long a room stays live after its last leave: a page reload is a leave and a join. */
  ROOM_LINGER_MS: integer(0, 3_600_000, 30_000),
  /** How often the heads of live rooms are compared with the log. */
  HEADS_CHECK_MS: integer(50, 60_000, 1_000),
  /** Memory for the recent frames of all live rooms together. */
  RINGS_MAX_BYTES: integer(MIB, 64_000 * MIB, 256 * MIB),
  MEMBERSHIPS_CACHED: integer(1, 10_000_000, 200_000),
  /** A busy gateway gathers frames and acks for up to this; 0: never. */
  FLUSH_MAX_MS: integer(0, 1_000, 10),
  /** Share of time for which the event loop works: up to the first nothing is gathered, from the second on for the longest. */
  GATHER_FROM_PERCENT: integer(0, 100, 40),
  GATHER_FULL_PERCENT: integer(0, 100, 85),

  /** How late the event loop must be for the gateway to drop typing; see `LoadShedder` for what follows. 0: never. */
  SHED_DELAY_MS: integer(0, 60_000, 250),

  /** How long a draining gateway takes to hand its connections over. */
  DRAIN_MS: integer(0, 600_000, 5_000),
  /** The same when its zone is drained, and the gateway keeps running. */
  ZONE_DRAIN_MS: integer(0, 600_000, 30_000),
};

export type GatewaySettings = z.output<z.ZodObject<typeof gatewaySettings>>;
