import { createHash } from "node:crypto";
import { applyChange, type MessageState, type RoomEvent, UNCHANGED, type UserId } from "@hubbub/protocol";
import type { FaultCode } from "./checks.ts";

/** A row of `message_state` with its reactions: emoji, how many, and a digest of the users. */
export interface StateRow {
  readonly seq: number;
  readonly text: string | null;
  readonly edited_seq: number | null;
  readonly edited_at: number | null;
  readonly edits: number;
  readonly deleted_seq: number | null;
  readonly pinned_seq: number | null;
  readonly reply_count: number;
  readonly last_reply_seq: number | null;
  readonly last_reply_at: number | null;
  readonly reactions: readonly (readonly [emoji: string, count: number, digest: string])[];
  /** The row of the message has a text, mentions or files. */
  readonly has_content: boolean;
  /** The seq has a message. */
  readonly is_message: boolean;
  /** The newest event of the room in the same snapshot. */
  readonly head: number;
}

type Difference = readonly [code: FaultCode, what: string];

/** All events that change one message, by rising seq, through the reducer of clients. */
export class MessageFold {
  #state: MessageState = UNCHANGED;
  #deletedSeq: number | null = null;
  #pinnedSeq: number | null = null;
  #lastReplyAt: number | null = null;
  /** Edits whose text is still in their rows; the first of them. */
  #textsAt: number | null = null;

  add(event: RoomEvent): void {
    if (event.kind === "message") this.#lastReplyAt = Math.max(this.#lastReplyAt ?? 0, event.at);
    if (event.kind === "pin") this.#pinnedSeq = event.remove === true ? null : event.seq;
    if (event.kind === "delete") this.#deletedSeq ??= event.seq;
    if (event.kind === "edit" && event.text !== "") this.#textsAt ??= event.seq;
    this.#state = applyChange(this.#state, event);
  }

  /** What the row says otherwise. Texts are not told. */
  *differencesFrom(row: StateRow): Generator<Difference> {
    const { text, edited, isDeleted, isPinned, replies } = this.#state;
    const newest = edited === undefined ? "none" : `${edited.seq} at ${edited.at}`;
    const stored = row.edited_seq === null ? "none" : `${row.edited_seq} at ${row.edited_at}`;
    if (newest !== stored || (edited?.count ?? 0) !== row.edits) {
      const counts = `${row.edits} edits, newest ${stored}; the events ${edited?.count ?? 0}, newest ${newest}`;
      yield ["state-text", `the state has ${counts}`];
    } else if ((text ?? null) !== row.text) yield ["state-text", `the state has another text than edit ${newest}`];
    if (this.#deletedSeq !== row.deleted_seq) {
      yield ["state-deleted", `the state is deleted by ${row.deleted_seq}; the events by ${this.#deletedSeq}`];
    }
    const pin = isPinned ? this.#pinnedSeq : null;
    if (pin !== row.pinned_seq) yield ["state-pin", `the state is pinned by ${row.pinned_seq}; the events by ${pin}`];
    const [is, due] = [
      `${row.reply_count} replies, last ${row.last_reply_seq} at ${row.last_reply_at}`,
      `${replies?.count ?? 0} replies, last ${replies?.last ?? null} at ${this.#lastReplyAt}`,
    ];
    if (is !== due) yield ["state-replies", `the state has ${is}; the events ${due}`];
    yield* this.#reactionsUnlike(row);
    if (isDeleted && row.has_content) yield ["text-left", "the message is deleted, and its row has its text"];
    if (isDeleted && this.#textsAt !== null) {
      yield ["text-left", `the message is deleted, and its edit ${this.#textsAt} has its text`];
    }
  }

  *#reactionsUnlike({ reactions }: StateRow): Generator<Difference> {
    const due = this.#state.reactions;
    const rows = new Map(reactions.map(([emoji, ...told]) => [emoji, told]));
    for (const emoji of new Set([...rows.keys(), ...due.keys()])) {
      const users = due.get(emoji) ?? new Set<UserId>();
      const [count, digest] = rows.get(emoji) ?? [0, ""];
      if (count === users.size && (count === 0 || digest === digestOf(users))) continue;
      yield ["state-reactions", `${emoji} has ${count} rows; the events ${users.size} users, or other ones`];
    }
  }
}

/** UUIDs sort as their texts. */
function digestOf(users: ReadonlySet<UserId>): string {
  const sorted = [...users].sort().join();
  return createHash("md5").update(sorted).digest("hex");
}
