import { type InspectedEntry, type LogInspection, type LogPosition, positionOf } from "@hubbub/broker";
import type { RoomEvent, RoomId } from "@hubbub/protocol";
import type { Audit } from "./audit.ts";
import { compareWithRows, withoutLaterRow } from "./compare-events.ts";
import { type Findings, Look } from "./findings.ts";
import { gently, lookAgain } from "./pacing.ts";
import type { Sources } from "./room-look.ts";
import { readFrame } from "./same-event.ts";

const PAGE_ENTRIES = 500;

type LogSources = Sources & { readonly log: LogInspection };

/** The log of a shard, as far as it reaches when this begins, and the writer's position in it. `room`: of that one only. */
export async function checkLog(
  sources: LogSources,
  shard: number,
  room: RoomId | undefined,
  findings: Findings,
): Promise<void> {
  const [position] = await lookAgain([shard], () => lookAtPosition(sources, shard), sources.againMs);
  if (position === undefined) return;
  findings.keep(position.look);
  const { end } = position;
  for (let after = ""; ; ) {
    const page = await gently(() => sources.log.entries(shard, after, PAGE_ENTRIES));
    const entries = page.filter(({ log, entry }) => log === end.log && entry <= end.entry);
    const [look] = await lookAgain([entries], () => lookAtEntries(sources, shard, entries, room), sources.againMs);
    if (look !== undefined) findings.keep(look);
    after = page.at(-1)?.id ?? after;
    if (entries.length < PAGE_ENTRIES) return;
  }
}

/** The position first: the log never falls behind it. */
async function lookAtPosition({ audit, log, onCount }: LogSources, shard: number) {
  const look = new Look(onCount);
  look.count("shards", 1);
  const offset = await audit.offset(shard);
  const end = await log.end(shard);
  const position = positionOf(offset);
  const isOfLog = position !== null && position.log === end.log;
  if (position !== null && isOfLog && position.entry > end.entry) {
    look.fault("offset-ahead", `${shard}`, `shard ${shard}: at entry ${position.entry} of a log with ${end.entry}`);
  }
  if (position !== null && !isOfLog) look.note("unlike-log", `${shard}`, `shard ${shard}: at ${offset}`);
  return { look, end, isFaulty: look.isFaulty };
}

async function lookAtEntries(
  { audit, onCount }: LogSources,
  shard: number,
  entries: readonly InspectedEntry[],
  only: RoomId | undefined,
): Promise<Look> {
  const look = new Look(onCount);
  look.count("logEvents", entries.length);
  const committed = positionOf(await audit.offset(shard));
  const rooms = new Map<RoomId, { event: RoomEvent; isCommitted: boolean }[]>();
  for (const entry of entries) {
    const event = readFrame(entry.frame);
    if (event === null) look.note("unreadable", `${shard}/${entry.entry}`, `shard ${shard}: event ${entry.entry}`);
    if (event === null || (only !== undefined && event.room !== only)) continue;
    const ofRoom = rooms.get(event.room) ?? [];
    rooms.set(event.room, ofRoom);
    ofRoom.push({ event, isCommitted: isBehind(entry, committed) });
  }
  for (const [room, logged] of rooms) await lookAtLogged(audit, room, logged, look);
  return look;
}

function isBehind(entry: LogPosition, committed: LogPosition | null): boolean {
  return committed !== null && entry.log === committed.log && entry.entry <= committed.entry;
}

async function lookAtLogged(
  audit: Audit,
  room: RoomId,
  logged: readonly { readonly event: RoomEvent; readonly isCommitted: boolean }[],
  look: Look,
): Promise<void> {
  const events = logged.map(({ event }) => event);
  const committed = new Set(logged.filter(({ isCommitted }) => isCommitted).map(({ event }) => event));
  const unstored = await compareWithRows(audit, room, events, look);
  if (unstored.length === 0) return;
  const newest = await audit.newest(room);
  // A hole among the rows of the newest epoch is found there.
  const due = unstored.filter(
    (event) => committed.has(event) && !(event.seq < newest.seq && event.epoch === newest.epoch),
  );
  for (const { seq, epoch, id } of await withoutLaterRow(audit, room, due)) {
    look.fault("not-stored", `${room}/${seq}`, `room ${room}: ${id} at ${seq} of epoch ${epoch}`);
  }
  const waiting = unstored.filter((event) => !committed.has(event));
  const from = waiting[0]?.seq;
  if (from === undefined) return;
  look.note("waiting", `${room}/${from}`, `room ${room}: ${waiting.length} from ${from} on`, waiting.length);
}
