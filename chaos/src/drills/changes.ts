import type { HistoryRecord } from "../checker/records.ts";

/** Newest messages of a room that are changed, and own ones of a client. */
const TARGETS_MAX = 100;
/** Changes of one client without an ack. They need the store; a client that waits for it goes on with messages. */
const WAITING_MAX = 3;
const EMOJI = ["👍", "🎉", "❤️", "👀"];

/** What a client does, turn by turn. */
const TURNS = [
  ...["message", "react", "edit", "message", "reply", "react", "unreact", "message"],
  ...["edit", "reply", "delete", "message", "react", "editBlindly", "message", "pin"],
] as const;
type Turn = (typeof TURNS)[number];

/** What a race between changes explains; and of a message whose number the loss of the log took away. */
export const RACED: readonly string[] = ["unknown_message", "conflict"];

export type Frame = Readonly<Record<string, unknown>> & { readonly type: string; readonly text?: string };

interface Target {
  readonly seq: number;
  readonly author: string;
  /** The newest own edit with an ack, or the message. */
  base: number;
}

/** One who may change messages in one room. */
export interface Changer {
  readonly client: string;
  /** May pin. */
  readonly isOwner: boolean;
  readonly waitingChanges: number;
}

/**
 * Decides what clients say: messages, replies with a mention, edits with and without a base, reactions, pins, deletions.
 * Targets are messages that were acked, so changes race with deletions, with each other and with the loss of a log.
 */
export class ChangeScript {
  readonly #targets = new Map<string, Target[]>();
  /** What an id was sent for, until it is acked. Bounded by the events without an ack. */
  readonly #sent = new Map<string, { readonly turn: Turn; readonly target: Target | undefined }>();
  readonly #turns = new Map<string, number>();
  readonly #pinned = new Map<string, number>();
  readonly #nameOf: (client: string) => string;
  /** Changes and replies that were acked. */
  acked = 0;

  constructor(nameOf: (client: string) => string) {
    this.#nameOf = nameOf;
  }

  next(room: string, by: Changer, text: string, id: string): Frame {
    const at = this.#turns.get(by.client) ?? 0;
    this.#turns.set(by.client, at + 1);
    const wanted = TURNS[at % TURNS.length] ?? "message";
    const mayChange = wanted === "reply" || by.waitingChanges < WAITING_MAX;
    const turn = !mayChange || (wanted === "pin" && !by.isOwner) ? "message" : wanted;
    const target = this.#targetOf(room, by.client, turn, at);
    if (target === undefined) {
      this.#sent.set(id, { turn: "message", target });
      return { type: "publish", text };
    }
    this.#sent.set(id, { turn, target });
    return this.#frameOf(turn, { room, target, text, emoji: EMOJI[at % EMOJI.length] ?? "👍" });
  }

  hear(record: HistoryRecord): void {
    if (record.type === "epoch") this.#renumbered(record.room, record.head);
    if (record.type !== "acked") return;
    const { client, id, room, seq } = record;
    const { turn, target } = this.#sent.get(id) ?? {};
    if (turn === undefined) return;
    this.#sent.delete(id);
    if (turn !== "message") this.acked += 1;
    if (turn === "edit" && target !== undefined) target.base = Math.max(target.base, seq);
    if (turn !== "message") return;
    const targets = this.#targets.get(room) ?? [];
    this.#targets.set(room, targets);
    targets.push({ seq, author: client, base: seq });
    if (targets.length > TARGETS_MAX) targets.shift();
  }

  /** Seqs above `head` of the epoch before mean nothing any more, or another message. */
  #renumbered(room: string, head: number): void {
    const kept = this.#targets.get(room)?.filter(({ seq }) => seq <= head);
    if (kept !== undefined) this.#targets.set(room, kept);
  }

  #targetOf(room: string, client: string, turn: Turn, at: number): Target | undefined {
    const targets = this.#targets.get(room) ?? [];
    if (turn === "message") return undefined;
    if (turn === "react" || turn === "unreact" || turn === "reply" || turn === "pin") {
      return targets[(at * 7) % Math.max(targets.length, 1)];
    }
    const own = targets.filter(({ author }) => author === client);
    const chosen = own[(at * 3) % Math.max(own.length, 1)];
    if (turn === "delete" && chosen !== undefined) targets.splice(targets.indexOf(chosen), 1);
    return chosen;
  }

  #frameOf(turn: Turn, { room, target, text, emoji }: Words): Frame {
    const { seq, author, base } = target;
    switch (turn) {
      case "edit":
        return { type: "edit", target: seq, baseSeq: base, text };
      case "editBlindly":
        return { type: "edit", target: seq, text };
      case "delete":
        return { type: "delete", target: seq };
      case "react":
        return { type: "react", target: seq, emoji };
      case "unreact":
        return { type: "react", target: seq, emoji, remove: true };
      case "pin":
        return this.#pin(room, seq);
      default:
        return { type: "publish", thread: seq, text: `${text} @${this.#nameOf(author)} @room` };
    }
  }

  /** One at a time: a room has a bound of pins. */
  #pin(room: string, seq: number): Frame {
    const pinned = this.#pinned.get(room);
    if (pinned === undefined) this.#pinned.set(room, seq);
    else this.#pinned.delete(room);
    return pinned === undefined ? { type: "pin", target: seq } : { type: "pin", target: pinned, remove: true };
  }
}

interface Words {
  readonly room: string;
  readonly target: Target;
  readonly text: string;
  readonly emoji: string;
}
