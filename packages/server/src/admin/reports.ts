import type { ReportRecord } from "@hubbub/store";
import type { AdminArguments } from "./arguments.ts";
import { findRoom } from "./find.ts";
import type { Output, Row } from "./output.ts";
import { PER_PAGE, pagesOf } from "./pages.ts";
import type { AdminParts } from "./parts.ts";

/** The oldest first: of one room, or of all rooms and then of all direct rooms. */
export async function listReports({ store }: AdminParts, { options }: AdminArguments, output: Output): Promise<void> {
  const { room, closed = false } = options;
  const ofAll = [
    ["reports", { isDirect: false }],
    ["reports of direct rooms", { isDirect: true }],
  ] as const;
  const queues = room === undefined ? ofAll : ([["reports", { room: (await findRoom(store, room)).id }]] as const);
  for (const [kind, of] of queues) {
    const read = async (cursor: string | undefined) => {
      const page = await store.reports.list({ of, isOpen: !closed }, { cursor, limit: PER_PAGE });
      return { items: page.reports, cursor: page.cursor };
    };
    await output.list(kind, pagesOf(read, toRow));
  }
}

function toRow({ id, at, room, seq, by, reason, text, author, message, isDeleted, ...rest }: ReportRecord): Row {
  const { state, closedAt, closedBy, note, context } = rest;
  return {
    ...{ id, at: new Date(at), room, seq, by: by.username, reason, text, author: author.username },
    ...{ message, deleted: isDeleted, state, closed: closedAt === null ? null : new Date(closedAt) },
    ...{ closedBy, note, context },
  };
}
