import {
  applyChange,
  type MessageState,
  type RoomEvent,
  type StateOfMessage,
  targetOf,
  UNCHANGED,
} from "@hubbub/protocol";

/** What one client, or the pages of history, know of a room: every event by its id, at its latest number. */
export class RoomFold {
  readonly #events = new Map<string, RoomEvent>();

  /** An event may come again, also under a later number: a log was lost, and the event offered again. */
  add(event: RoomEvent): void {
    const key = `${event.by.id} ${event.id}`;
    const known = this.#events.get(key);
    if (known === undefined || known.seq <= event.seq) this.#events.set(key, event);
  }

  /** The states of messages, as text, without what has no order. Messages that nothing changed are not there. */
  get states(): ReadonlyMap<number, string> {
    const states = new Map<number, MessageState>();
    const events = [...this.#events.values()].sort((one, other) => one.seq - other.seq);
    const moved = new Map(events.flatMap(({ was = [], seq }) => was.map((lost) => [lost, seq] as const)));
    for (const event of events) {
      const named = targetOf(event);
      if (named === undefined) continue;
      const target = moved.get(named) ?? named;
      states.set(target, applyChange(states.get(target) ?? UNCHANGED, event));
    }
    return new Map([...states].map(([seq, state]) => [seq, toText(state)]));
  }

  /** The texts of messages as they were sent; empty where the message was deleted. */
  get texts(): ReadonlyMap<number, string> {
    return new Map(
      [...this.#events.values()].flatMap((event) =>
        event.kind === "message" ? [[event.seq, event.text] as const] : [],
      ),
    );
  }
}

/** The same text of the state that a page of history has. */
export function textOfState({ text, edited, deleted, pinned, reactions = [], replies }: StateOfMessage): string {
  return toText({
    text,
    edited,
    isDeleted: deleted === true,
    isPinned: pinned === true,
    reactions: new Map(reactions.map(({ emoji, users }) => [emoji, new Set(users)])),
    replies,
  });
}

/** A state that a page need not mention. */
export const NO_STATE = toText(UNCHANGED);

function toText({ text, edited, isDeleted, isPinned, reactions, replies }: MessageState): string {
  const users = [...reactions]
    .map(([emoji, of]) => [emoji, [...of].sort()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const newest = edited && [edited.seq, edited.at, edited.count];
  return JSON.stringify([
    text ?? null,
    newest ?? null,
    isDeleted,
    isPinned,
    users,
    replies ? [replies.count, replies.last] : null,
  ]);
}
