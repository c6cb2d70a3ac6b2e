import { DEDUPE_WINDOW_MS, type RoomId } from "@hubbub/protocol";
import type { Audit, AuditRow } from "./audit.ts";
import type { Look } from "./findings.ts";
import type { RepeatedKeys } from "./repeated-keys.ts";
import { rowsOf } from "./row-scan.ts";

/** Pairs of which the ids themselves are compared; hashes of 53 bits stand for the rest. */
const COMPARED_MAX = 1_000;

interface Room {
  readonly room: RoomId;
  readonly to: number;
  /** Has had all rows once. */
  readonly keys: RepeatedKeys;
  readonly look: Look;
}

/** Event ids at two seqs of a room. Costs another pass over its rows only where there are any, or too many rows. */
export async function findDuplicates(audit: Audit, { room, to, keys, look }: Room): Promise<void> {
  for (let pass = 0; pass < keys.passes; pass += 1) {
    if (pass > 0) {
      keys.begin(pass);
      for await (const page of rowsOf(audit, room, to)) for (const { key } of page) keys.add(key);
    }
    const repeated = keys.repeated();
    if (repeated.size > 0) await judgeRepeated(audit, { room, to, look, repeated });
  }
}

async function judgeRepeated(
  audit: Audit,
  { room, to, look, repeated }: Omit<Room, "keys"> & { repeated: ReadonlySet<number> },
): Promise<void> {
  const newest = new Map<number, AuditRow>();
  let compared = 0;
  for await (const page of rowsOf(audit, room, to)) {
    for (const row of page) {
      if (!repeated.has(row.key)) continue;
      const before = newest.get(row.key);
      newest.set(row.key, row);
      if (before === undefined) continue;
      compared += 1;
      const id = compared > COMPARED_MAX ? "an event" : await commonId(audit, room, before, row);
      if (id === null) continue;
      const example = `room ${room}: ${id} of ${row.user} at ${before.seq} and ${row.seq}`;
      const isRecognised = Math.abs(row.at - before.at) < DEDUPE_WINDOW_MS;
      if (isRecognised) look.fault("duplicate", `${room}/${row.seq}`, example);
      else look.note("sent-again", `${room}/${row.seq}`, example);
    }
  }
}

/** null: two events with one hash. */
async function commonId(audit: Audit, room: RoomId, one: AuditRow, other: AuditRow): Promise<string | null> {
  const [first, second] = await audit.eventsAt(room, [one.seq, other.seq]);
  return first !== undefined && first.id === second?.id && first.by.id === second.by.id ? first.id : null;
}
