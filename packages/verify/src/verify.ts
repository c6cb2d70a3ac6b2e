import type { RoomId } from "@hubbub/protocol";
import { FIRST } from "./audit-sql.ts";
import { Findings, Look } from "./findings.ts";
import { checkLog } from "./log-look.ts";
import { lookAgain } from "./pacing.ts";
import { checkMembers, checkUnknownRooms } from "./people-look.ts";
import { lookAtRoom, type Sources } from "./room-look.ts";

/** Rooms that are looked at again together when something seems wrong with them. */
const ROOMS_AT_ONCE = 100;

/** Checks everything stored, and everything that Redis has against it; or one room of it. Changes nothing. */
export async function verify(sources: Sources, room?: RoomId): Promise<Findings> {
  const { audit, log } = sources;
  const findings = new Findings();
  for await (const rooms of room === undefined ? allRooms(sources) : [[room]]) {
    const looks = await lookAgain(rooms, (id) => lookAtRoom(sources, id), sources.againMs);
    for (const look of looks) findings.keep(look);
  }
  if (log !== null) {
    const all = Array.from({ length: log.shards }, (_none, shard) => shard);
    const shards = room === undefined ? all : [log.shardOf(room)];
    for (const shard of shards) await checkLog({ ...sources, log }, shard, room, findings);
  }
  await checkMembers(audit, room, findings);
  if (room === undefined) await checkUnknownRooms(audit, findings);
  await countLetters(sources, findings);
  return findings;
}

async function* allRooms({ audit }: Sources): AsyncGenerator<readonly RoomId[]> {
  for (let after: string = FIRST; ; ) {
    const page = await audit.rooms(after, ROOMS_AT_ONCE);
    if (page.length > 0) yield page;
    if (page.length < ROOMS_AT_ONCE) return;
    after = page.at(-1) ?? after;
  }
}

async function countLetters({ audit }: Sources, findings: Findings): Promise<void> {
  const letters = await audit.deadLetters();
  const look = new Look();
  if (letters > 0) look.note("dead-letters", "", `${letters} in the table`, letters);
  findings.keep(look);
}
