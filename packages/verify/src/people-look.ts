import type { RoomId } from "@hubbub/protocol";
import type { Audit } from "./audit.ts";
import { FIRST } from "./audit-sql.ts";
import { type Findings, Look } from "./findings.ts";

const PAGE_MEMBERS = 5_000;
const PAGE_ROOMS = 500;

/** Members who are no users or of no room. `room`: of that one only. */
export async function checkMembers(audit: Audit, room: RoomId | undefined, findings: Findings): Promise<void> {
  for (let after: { room: string; user: string } = { room: room ?? FIRST, user: FIRST }; ; ) {
    const page = await audit.members(after, PAGE_MEMBERS);
    const members = page.filter((member) => room === undefined || member.room === room);
    const look = new Look();
    for (const { room: of, user, hasUser, hasRoom } of members) {
      const lacks = [...(hasUser ? [] : ["user"]), ...(hasRoom ? [] : ["room"])];
      if (lacks.length === 0) continue;
      look.fault("member-unknown", `${of}/${user}`, `room ${of}: member ${user}: no such ${lacks.join(", no such ")}`);
    }
    look.count("members", members.length);
    findings.keep(look);
    const last = page.at(-1);
    if (last === undefined || members.length < PAGE_MEMBERS) return;
    after = last;
  }
}

/** Rooms that have events and are not there. */
export async function checkUnknownRooms(audit: Audit, findings: Findings): Promise<void> {
  for (let after: string = FIRST; ; ) {
    const page = await audit.eventRooms(after, PAGE_ROOMS);
    const look = new Look();
    for (const { room, isKnown } of page) if (!isKnown) look.fault("room-unknown", room, `room ${room}`);
    findings.keep(look);
    if (page.length < PAGE_ROOMS) return;
    after = page.at(-1)?.room ?? after;
  }
}
