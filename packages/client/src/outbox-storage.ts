import type { MessageOptions } from "./message-options.ts";

/** Messages that one storage holds, and their bytes; at a bound `add` refuses with `outbox_full`. */
export const KEPT_MAX = 1_000;
export const KEPT_MAX_BYTES = 4 * 1_024 * 1_024;

/** A message that is not acked yet, as it is kept over restarts. Plain data. */
export interface KeptMessage extends MessageOptions {
  readonly room: string;
  readonly id: string;
  readonly text: string;
  /** When it was given, by this machine's clock. */
  readonly at: number;
  /** The seq up to which the client knew the room then: if the message was ever sent, it is behind it. 0: not known. */
  readonly after: number;
}

/** What says whether a message of an earlier client may simply be sent again. */
export type Earlier = Pick<KeptMessage, "at" | "after">;

/** Bounds over the defaults, which are 1,000 messages and 4 MiB. */
export interface OutboxBounds {
  readonly maxMessages?: number | undefined;
  readonly maxBytes?: number | undefined;
}

/**
 * Where a client keeps its unsent messages. Calls may overlap; they take effect in their order. `owner`: server and user;
 * messages of other owners stay where they are.
 */
export interface OutboxStorage {
  /**
   * Called once, before the others. Answers what earlier clients of this owner left, oldest first: it is this client's from
   * here on, and no other client's. `adopted` is told later of what further ones left.
   */
  open(owner: string, adopted: (messages: readonly KeptMessage[]) => void): Promise<readonly KeptMessage[]>;
  /** Resolves when the message survives the end of this process. @throws HubbubError outbox_full, outbox_failed */
  add(message: KeptMessage): Promise<void>;
  remove(id: string): Promise<void>;
  /** What is still kept is free for another client. */
  close(): Promise<void>;
}

export function bytesOf(message: KeptMessage): number {
  return new TextEncoder().encode(JSON.stringify(message)).byteLength;
}
