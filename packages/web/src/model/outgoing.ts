import type { Room as LiveRoom } from "@hubbub/client";
import { HubbubError } from "@hubbub/client";
import { type EventId, newId, type RoomId } from "@hubbub/protocol";
import { explain } from "./explain.ts";
import { type Extras, extrasOf, type Timeline, textOf, withDraft, withoutDraft, withTaken } from "./timeline.ts";
import type { Unsent, Words } from "./words.ts";

const UNKNOWN = "It is not known whether this message arrived. Look into the room before you send it again.";
/** Own messages that were taken and may still be lost with their epoch; the SDK watches no more than these, either. */
const WATCHED_MAX = 1_000;
/** The client or its login ended. A message on its way waits for the next visit. */
const ENDS = new Set(["closed", "bad_token", "session_revoked", "refresh_reused"]);

export interface OutgoingHost {
  readonly room: RoomId;
  readonly live: Pick<LiveRoom, "publish">;
  readonly words: Words;
  timeline(): Timeline;
  change(change: (timeline: Timeline) => Timeline): void;
  /** The server has taken a message, or asks to wait for so long. */
  slowed(retryAfterMs?: number): void;
}

/** Behind this, an own message without a mark has been found stored by the SDK, which says nothing of it. */
const MARKED_WITHIN_MS = 120_000;

interface Taken extends Unsent {
  readonly seq: number;
  readonly epoch: number;
}

/** What the user sends to one room: drafts until the server has them, refused ones until somebody decides. */
export class Outgoing {
  readonly #host: OutgoingHost;
  /** By id. What is lost with its epoch comes back to its writer, wherever the window is. */
  readonly #taken = new Map<string, Taken>();

  constructor(host: OutgoingHost) {
    this.#host = host;
  }

  send(text: string, extras: Extras): void {
    const id = newId<EventId>();
    const after = this.#host.timeline().head;
    this.#publish({ id, room: this.#host.room, text, at: Date.now(), after, error: "", ...extras });
  }

  /** What an earlier visit did not get sent. */
  restoreAll(): void {
    for (const unsent of this.#host.words.unsent()) if (unsent.room === this.#host.room) this.#restore(unsent);
  }

  /** A refused message, once more. */
  resend(id: string): void {
    const draft = this.#host.timeline().drafts.find((one) => one.id === id);
    if (draft?.error === undefined) return;
    this.#publish({ id, room: this.#host.room, text: draft.text, ...extrasOf(draft), at: Date.now(), error: "" });
  }

  /** A refused message is given up. */
  discard(id: string): void {
    this.#host.words.drop(id);
    this.#host.change((timeline) => withoutDraft(timeline, id));
  }

  /** It has another place now. */
  moved(id: string, seq: number, epoch: number): void {
    const taken = this.#taken.get(id);
    if (taken !== undefined) this.#taken.set(id, { ...taken, seq, epoch });
  }

  durable(seq: number, epoch: number): void {
    for (const taken of this.#taken.values())
      if (taken.epoch === epoch && taken.seq <= seq) this.#taken.delete(taken.id);
  }

  /** It was taken, and lost with an epoch: its writer has it back. */
  lost(id: string, error: unknown): void {
    const unsent = this.#taken.get(id) ?? this.#shown(id);
    this.#taken.delete(id);
    if (unsent !== undefined) this.#refused(unsent, explain(error));
  }

  /** Whether something may still come back to its writer: a mark tells soon that it does not. */
  isWatching(now = Date.now()): boolean {
    return [...this.#taken.values()].some(({ at }) => now - at < MARKED_WITHIN_MS);
  }

  #restore(unsent: Unsent): void {
    if (this.#host.timeline().drafts.some(({ id }) => id === unsent.id)) return;
    const { at, after = 0, error } = unsent;
    if (error === "") this.#publish(unsent, { at, after });
    else this.#refused(unsent, error);
  }

  /** `earlier`: an earlier visit may have sent it. */
  #publish(unsent: Unsent, earlier?: { readonly at: number; readonly after: number }): void {
    const { id, text } = unsent;
    const extras = extrasOf(unsent);
    this.#host.words.keep(unsent);
    this.#host.change((timeline) => withDraft(timeline, { id, text, ...extras, error: undefined }));
    const files = extras.files?.map((file) => file.id);
    this.#host.live.publish(text, { ...extras, id, files, earlier }).then(
      ({ seq, epoch }) => {
        this.#watch({ ...unsent, seq, epoch });
        this.#host.words.drop(id);
        this.#host.change((timeline) => withTaken(timeline, id, seq));
        this.#host.slowed();
      },
      (error: unknown) => {
        const { code, retryAfterMs = 0 } = error instanceof HubbubError ? error : {};
        if (!isEnd(error)) this.#refused(unsent, code === "outcome_unknown" ? UNKNOWN : explain(error));
        if (code === "slow_mode") this.#host.slowed(retryAfterMs);
      },
    );
  }

  #watch(taken: Taken): void {
    this.#taken.set(taken.id, taken);
    const [oldest] = this.#taken.keys();
    if (this.#taken.size > WATCHED_MAX && oldest !== undefined) this.#taken.delete(oldest);
  }

  /** What another object of this room has sent, as far as it is loaded. */
  #shown(id: string): Unsent | undefined {
    const item = this.#host.timeline().items.find((one) => one.kind === "message" && one.event.id === id);
    if (item?.kind !== "message") return undefined;
    return { id, room: this.#host.room, text: textOf(item), ...extrasOf(item.event), at: item.at, error: "" };
  }

  #refused({ id, room, text, at, ...rest }: Unsent, error: string): void {
    const extras = extrasOf(rest);
    this.#host.words.keep({ id, room, text, ...extras, at, error });
    this.#host.change((timeline) => withDraft(timeline, { id, text, ...extras, error }));
  }
}

/** The client or its login has ended: nothing is wrong with what was sent. */
export function isEnd(error: unknown): boolean {
  return error instanceof HubbubError && ENDS.has(error.code);
}
