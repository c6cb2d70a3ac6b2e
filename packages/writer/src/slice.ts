import type { LogEntry } from "@hubbub/broker";
import { type RoomEvent, readEventHead } from "@hubbub/protocol";

/**
 * What one transaction takes: a run of events, never empty, a single entry that cannot be one, or entries without rows.
 */
export type Slice = Run | Poison | Skipped;

export interface Run {
  readonly kind: "run";
  readonly entries: readonly LogEntry[];
  /** In step with `entries`. */
  readonly events: readonly RoomEvent[];
}

export interface Poison {
  readonly kind: "poison";
  readonly entries: readonly [LogEntry];
  readonly error: string;
}

/** Entries whose events are rows already under later numbers: only the offset moves. */
export interface Skipped {
  readonly kind: "skipped";
  readonly entries: readonly LogEntry[];
}

/** A batch in the order of the log, cut where an entry cannot be read. */
export function toSlices(batch: readonly LogEntry[]): Slice[] {
  const slices: Slice[] = [];
  let run: { readonly kind: "run"; readonly entries: LogEntry[]; readonly events: RoomEvent[] } | undefined;
  for (const entry of batch) {
    const event = readEvent(entry.frame);
    if (typeof event === "string") {
      slices.push({ kind: "poison", entries: [entry], error: event });
      run = undefined;
    } else if (run === undefined) {
      run = { kind: "run", entries: [entry], events: [event] };
      slices.push(run);
    } else {
      run.entries.push(entry);
      run.events.push(event);
    }
  }
  return slices;
}

/** The rows of a committed slice. A dead letter has a tombstone, if its head can be read. */
export function rowsOf(slice: Slice): readonly Pick<RoomEvent, "room" | "seq">[] {
  if (slice.kind === "run") return slice.events;
  const head = slice.kind === "poison" ? readEventHead(slice.entries[0].frame) : null;
  return head === null ? [] : [head];
}

/** The event, or why it is none. */
function readEvent(frame: string): RoomEvent | string {
  let json: unknown;
  try {
    json = JSON.parse(frame);
  } catch (error) {
    if (error instanceof SyntaxError) return "the frame is not JSON";
    throw error;
  }
  return isEvent(json) ? json : "the frame is no event";
}

/**
 * Whether it has the fields that every event has. A gateway has validated the rest. Validating the whole schema again
 * took a fifth of the writer's time, and Postgres refuses what it would find.
 */
function isEvent(json: unknown): json is RoomEvent {
  if (typeof json !== "object" || json === null) return false;
  const { room, seq, epoch, at, by, kind, id }: Partial<Record<string, unknown>> = json;
  const numbers = Number.isSafeInteger(seq) && Number.isSafeInteger(epoch) && Number.isSafeInteger(at);
  const names = typeof room === "string" && typeof kind === "string" && typeof id === "string";
  return numbers && names && typeof by === "object" && by !== null && "id" in by && typeof by.id === "string";
}
