import { CLOSE, type ClientFrame, type ErrorCode } from "@hubbub/protocol";
import type { Metrics } from "@hubbub/runtime";
import type { Sheddable } from "./load-shedder.ts";

/** WebSocket's own: closed without a code, and without a close frame. */
const NO_CODE = 1005;
const ABNORMAL = 1006;
const ACCEPT_BUCKETS_MS = [0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000];

const CLOSE_CODES: ReadonlySet<number> = new Set([...Object.values(CLOSE), NO_CODE, ABNORMAL]);

/** One helper per thing that happens here. A frame delivered to a thousand connections counts once. */
export function createGatewayMetrics(metrics: Metrics) {
  const frameRead = metrics.tally<ClientFrame["type"]>("frames_in_total", "Client frames read, by type", "type");
  const refusals = metrics.counter("refusals_total", "Refusals told to clients, by code", ["code"]);
  const penalties = metrics.counter("penalties_total", "Users who went on against refusals, by what they came to", [
    "level",
  ]);
  const closes = metrics.counter("closes_total", "Connections closed, by code", ["code"]);
  const delivered = metrics.counter("events_delivered_total", "Events handed to a room's connections as they came");
  const handedOut = { frames: 0 };
  metrics.total("deliveries_total", "Frames of rooms handed to connections: one for each", () => handedOut.frames);
  const acceptedAs = metrics.tally<"accepted" | "duplicate">(
    "accepts_total",
    "Events accepted for clients, by state",
    "state",
  );
  const acceptMs = metrics.histogram("accept_ms", "From publish to ack, in ms", ACCEPT_BUCKETS_MS);
  const repaired = metrics.counter("events_repaired_total", "Events that delivery missed and the timeline gave");
  const missing = metrics.counter("gap_events_total", "Seqs of rooms announced as a gap, by reason", ["reason"]);
  const gaps = metrics.counter("gaps_total", "Gaps announced, by reason", ["reason"]);
  const slow = metrics.counter("slow_total", "Connections that fell behind");
  const cut = metrics.counter("backpressure_cut_total", "Connections cut at the bound of unsent bytes");
  const catchUpBytes = metrics.counter("catch_up_bytes_total", "Bytes of events sent to resuming connections");
  const timelineRead = metrics.tally<"log" | "store">(
    "timeline_reads_total",
    "Reads of missed events, from the log or the store",
    "from",
  );
  const shed = metrics.tally<Sheddable>(
    "shed_total",
    "What was left undone because the gateway did not keep up",
    "what",
  );
  const taskErrors = metrics.counter("background_errors_total", "Failed rounds of background work, by task", ["task"]);
  return {
    gauge: metrics.gauge,
    frameRead,
    refused: (code: ErrorCode) => refusals.inc({ code }),
    closed: (code: number) => closes.inc({ code: CLOSE_CODES.has(code) ? String(code) : "other" }),
    eventDelivered: () => delivered.inc(),
    handedOut(connections: number) {
      handedOut.frames += connections;
    },
    accepted: (state: "accepted" | "duplicate", elapsedMs: number) => {
      acceptedAs(state);
      acceptMs.observe(elapsedMs);
    },
    eventRepaired: () => repaired.inc(),
    gapAnnounced: (reason: string, seqs: number) => {
      gaps.inc({ reason });
      missing.inc({ reason }, seqs);
    },
    fellBehind: () => slow.inc(),
    cutOff: () => cut.inc(),
    caughtUp: (bytes: number) => catchUpBytes.inc(bytes),
    penalised: (level: string) => penalties.inc({ level }),
    timelineRead,
    shed,
    taskFailed: (task: string) => taskErrors.inc({ task }),
  };
}

export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;
