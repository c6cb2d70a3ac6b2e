import type { RoomId } from "@hubbub/protocol";
import type { Audit } from "./audit.ts";
import type { Look } from "./findings.ts";
import { MessageFold, type StateRow } from "./message-fold.ts";

/** Messages whose states are compared at a time, and events of one read. A fold holds one message. */
const PAGE_STATES = 200;
const PAGE_CHANGES = 1_000;

/** The states of all changed messages of a room, against a fold of all events that change them. */
export async function lookAtProjection(audit: Audit, room: RoomId, look: Look): Promise<void> {
  for (let after = 0; ; ) {
    const rows = await audit.states(room, after, PAGE_STATES);
    await compareStates(audit, room, { after, rows, look });
    look.count("states", rows.length);
    after = rows.at(-1)?.seq ?? after;
    if (rows.length < PAGE_STATES) return;
  }
}

interface Page {
  /** The last message of the page before. */
  readonly after: number;
  readonly rows: readonly StateRow[];
  readonly look: Look;
}

/** Events by message and then seq, so that one message is folded at a time. */
async function compareStates(audit: Audit, room: RoomId, { after, rows, look }: Page): Promise<void> {
  const judge = (row: StateRow, fold: MessageFold) => {
    for (const [code, what] of fold.differencesFrom(row)) {
      look.fault(code, `${room}/${row.seq}/${what}`, `room ${room}: seq ${row.seq}: ${what}`);
    }
    if (!row.is_message) look.note("adrift", `${room}/${row.seq}`, `room ${room}: seq ${row.seq}`);
  };
  let next = 0;
  let fold = new MessageFold();
  for await (const { target, event } of changesOf(audit, room, { after, rows })) {
    for (let row = rows[next]; row !== undefined && row.seq < target; row = rows[next]) {
      judge(row, fold);
      fold = new MessageFold();
      next += 1;
    }
    fold.add(event);
  }
  for (const row of rows.slice(next)) {
    judge(row, fold);
    fold = new MessageFold();
  }
}

/** Up to what the states contain: later events are for the next look. */
async function* changesOf(audit: Audit, room: RoomId, { after, rows }: Omit<Page, "look">) {
  const [to, head] = [rows.at(-1)?.seq ?? after, rows[0]?.head ?? 0];
  let from = { target: after, seq: Number.MAX_SAFE_INTEGER };
  while (to > after) {
    const events = await audit.changes(room, from, { target: to, seq: head }, PAGE_CHANGES);
    yield* events;
    const last = events.at(-1);
    if (last === undefined || events.length < PAGE_CHANGES) return;
    from = { target: last.target, seq: last.event.seq };
  }
}
