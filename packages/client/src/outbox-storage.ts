import type { HubbubError } from "./hubbub-error.ts";
import type { OutboxBody } from "./outbox.ts";

/** Events that one storage holds, and their bytes; at a bound `add` refuses with `outbox_full`. */
export const KEPT_MAX = 1_000;
export const KEPT_MAX_BYTES = 4 * 1_024 * 1_024;

type Plain<Body> = Body extends unknown ? Omit<Body, "room" | "id" | "files" | "round"> & PlainFields : never;

interface PlainFields {
  readonly room: string;
  readonly id: string;
  /** Ids. Of messages only. */
  readonly files?: readonly string[] | undefined;
}

/** An event that this client has not got acked: a message, an edit, a deletion, a reaction or a pin. Plain data. */
export type UnsentEvent = Plain<OutboxBody>;

/** What says whether an event of an earlier client may simply be sent again. */
export interface Earlier {
  /** When it was given, by this machine's clock. */
  readonly at: number;
  /** The seq up to which the client knew the room then: if the event was ever sent, it is behind it. 0: not known. */
  readonly after: number;
}

/** An event that is not acked yet, as it is kept over restarts. Plain data. */
export type KeptEvent = UnsentEvent & Earlier;

/** An event of an earlier client that this one cannot send, and why. Nothing else knows of it any more. */
export interface RefusedEvent {
  readonly event: UnsentEvent;
  readonly error: HubbubError;
}

/** Bounds over the defaults, which are 1,000 events and 4 MiB. */
export interface OutboxBounds {
  readonly maxEvents?: number | undefined;
  readonly maxBytes?: number | undefined;
}

/**
 * Where a client keeps its unsent events. Calls may overlap; they take effect in their order. `owner`: server and user;
 * events of other owners stay where they are.
 */
export interface OutboxStorage {
  /**
   * Called once, before the others. Answers what earlier clients of this owner left, oldest first: it is this client's from
   * here on, and no other client's. `adopted` is told later of what further ones left.
   */
  open(owner: string, adopted: (events: readonly KeptEvent[]) => void): Promise<readonly KeptEvent[]>;
  /** Resolves when the event survives the end of this process. @throws HubbubError outbox_full, outbox_failed */
  add(event: KeptEvent): Promise<void>;
  remove(id: string): Promise<void>;
  /** What is still kept is free for another client. */
  close(): Promise<void>;
}

export function bytesOf(event: KeptEvent): number {
  return new TextEncoder().encode(JSON.stringify(event)).byteLength;
}
