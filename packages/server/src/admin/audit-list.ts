import type { Actor, AuditRecord } from "@hubbub/store";
import type { AdminArguments } from "./arguments.ts";
import { findRoom, findUser, toPast } from "./find.ts";
import type { Output, Row } from "./output.ts";
import { PER_PAGE, pagesOf } from "./pages.ts";
import type { AdminParts } from "./parts.ts";

/** Actors that are no users. */
const NOBODIES = ["operator", "system", "unknown"] as const satisfies readonly Actor[];

/** The newest entries first. */
export async function listAudit(parts: AdminParts, args: AdminArguments, output: Output): Promise<void> {
  const { store } = parts;
  const { actor, subject, room, act, since, until } = args.options;
  const filter = {
    act,
    actor: actor === undefined ? undefined : await toActor(parts, actor),
    subject: subject === undefined ? undefined : (await findUser(store, subject)).id,
    room: room === undefined ? undefined : (await findRoom(store, room)).id,
    since: since === undefined ? undefined : toPast(since),
    until: until === undefined ? undefined : toPast(until),
  };
  const read = async (cursor: string | undefined) => {
    const { entries, cursor: next } = await store.audit.list(filter, { cursor, limit: PER_PAGE });
    return { items: entries, cursor: next };
  };
  await output.list("audit", pagesOf(read, auditRow));
}

async function toActor({ store }: AdminParts, text: string): Promise<Actor> {
  const nobody = NOBODIES.find((one) => one === text);
  return nobody ?? (await findUser(store, text)).id;
}

function auditRow(record: AuditRecord): Row {
  const { at, act, actor, actorName, subject, subjectName, room, seq, outcome, address, details, note } = record;
  return {
    ...{ at: new Date(at), act, by: actorName ?? actor, whom: subjectName ?? subject, room, seq },
    ...{ outcome, from: address, details, note },
  };
}
