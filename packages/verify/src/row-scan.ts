import type { RoomId, UserId } from "@hubbub/protocol";
import type { Audit, AuditRow, RowHead } from "./audit.ts";
import type { Authors } from "./authors.ts";
import type { Look } from "./findings.ts";
import { type EpochRecord, gapsBetween } from "./gaps.ts";
import type { RepeatedKeys } from "./repeated-keys.ts";

/** Rows of one read: about 200 kB. */
const PAGE_ROWS = 2_000;

/** Every row of a room up to a seq, rising, page by page. */
export async function* rowsOf(audit: Audit, room: RoomId, to: number): AsyncGenerator<readonly AuditRow[]> {
  for (let after = 0; after < to; ) {
    const page = await audit.rows(room, after, to, PAGE_ROWS);
    if (page.length > 0) yield page;
    if (page.length < PAGE_ROWS) return;
    after = page.at(-1)?.seq ?? to;
  }
}

const MISFIT = {
  "mention-extra": "a row mentions somebody, and the message does not",
  "mention-gone": "the message mentions the room, and no row does",
  "text-gone": "the row has no text, and no event deletes it",
};

interface Scan {
  readonly room: RoomId;
  /** Newest row: later ones are for the next look. */
  readonly newest: RowHead;
  readonly epochs: readonly EpochRecord[];
  readonly jump: number;
  readonly keys: RepeatedKeys;
  readonly authors: Authors;
  readonly look: Look;
}

/** Holes, order and authors of a room's rows. */
export async function scanRows(audit: Audit, scan: Scan): Promise<void> {
  const { room, newest, keys, authors, look } = scan;
  let before: RowHead = { seq: 0, epoch: 0 };
  for await (const page of rowsOf(audit, room, newest.seq)) {
    const users = new Set<UserId>();
    await judgeFit(audit, scan, before.seq, page.at(-1)?.seq ?? before.seq);
    for (const row of page) {
      judgeStep(scan, before, row);
      before = row;
      keys.add(row.key);
      if (row.kind !== "tombstone") users.add(row.user);
    }
    for (const stranger of await authors.strangers(users)) {
      const first = page.find(({ user }) => user === stranger)?.seq ?? 0;
      look.fault("author-unknown", `${room}/${stranger}`, `room ${room}: user ${stranger}, first at ${first}`);
    }
    look.count("rows", page.length);
  }
}

/** What a row says of itself, against its mentions and its text. */
async function judgeFit(audit: Audit, { room, look }: Scan, after: number, to: number): Promise<void> {
  for (const { seq, what } of await audit.misfits(room, after, to)) {
    const code = what === "text-gone" ? what : "mentions";
    look.fault(code, `${room}/${seq}/${what}`, `room ${room}: seq ${seq}: ${MISFIT[what]}`);
  }
}

function judgeStep({ room, newest, epochs, jump, look }: Scan, before: RowHead, row: RowHead): void {
  if (row.epoch < before.epoch) {
    const epochsText = `epoch ${row.epoch} at ${row.seq} behind epoch ${before.epoch} at ${before.seq}`;
    look.fault("epoch-order", `${room}/${row.seq}`, `room ${room}: ${epochsText}`);
    return;
  }
  for (const { kind, from, to } of gapsBetween(before, row, { newestEpoch: newest.epoch, epochs, jump })) {
    const [place, text] = [`${room}/${from}`, `room ${room}: ${from === to ? from : `${from} to ${to}`}`];
    if (kind === "hole") look.fault("hole", place, text, to - from + 1);
    else look.note("renumbered", place, text, to - from + 1);
  }
}
