import { createRoute } from "@hono/zod-openapi";
import { type PresentMessage, readMessage, tellUser } from "@hubbub/chat";
import { ProtocolError, type Report, type RoomId, type UserId } from "@hubbub/protocol";
import { messageInRoom } from "@hubbub/protocol/http";
import {
  closeReportBody,
  madeReport,
  report,
  reportBody,
  reportPage,
  reportQuery,
} from "@hubbub/protocol/http-moderation";
import type { ReportRecord } from "@hubbub/store";
import { actingOf } from "../auth/bearer.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, inRoom, inRoomRefusals, json, refusals, reportInRoom } from "./shapes.ts";

const tags = ["moderation"];
export const pageOfReports = answer(
  "one page; `cursor` is missing on the last",
  reportPage.extend({ reports: report.meta({ id: "Report" }).array() }),
);
const madeSchema = madeReport.meta({ id: "MadeReport" });

export const contract = {
  reportMessage: createRoute({
    method: "post",
    path: "/rooms/{id}/messages/{seq}/reports",
    tags,
    summary: "Report a message of somebody else to the moderators, who see it as it is now",
    security: bearer,
    request: { params: messageInRoom, body: json(reportBody) },
    responses: {
      200: answer("the caller reported this message before", madeSchema),
      201: answer("reported", madeSchema),
      default: refusals(...inRoomRefusals, "unknown_message", "own_message", "too_many_reports"),
    },
  }),
  listReports: createRoute({
    method: "get",
    path: "/rooms/{id}/reports",
    tags,
    summary: "Reports of messages of others, the oldest first, with the messages around. For moderators",
    security: bearer,
    request: { params: inRoom, query: reportQuery },
    responses: {
      200: pageOfReports,
      default: refusals(...inRoomRefusals, "forbidden"),
    },
  }),
  closeReport: createRoute({
    method: "patch",
    path: "/rooms/{id}/reports/{report}",
    tags,
    summary: "Close a report, or decide a closed one anew; not one of an own message. For moderators",
    security: bearer,
    request: { params: reportInRoom, body: json(closeReportBody) },
    responses: { 204: { description: "closed" }, default: refusals(...inRoomRefusals, "forbidden", "unknown_report") },
  }),
};

/** Open reports. Those of a room wait for its moderators; one user cannot fill the queue. */
const BOUNDS = { ofRoom: 1_000, ofUser: 100 };
export const REPORTS_PER_PAGE = 20;
/** Moderators of a room that are told of a change of its queue. */
const TOLD_MAX = 100;

export function route(app: ApiApp, context: ApiContext): void {
  const { store, broker, history, limits, pageTurns, membership, signedIn } = context;
  const sources = { log: broker, timeline: history, store };

  app.openapi({ ...contract.reportMessage, middleware: signedIn }, async (c) => {
    const { id: room, seq } = c.req.valid("param");
    const { user } = c.var.caller;
    const standing = await membership.require(room, user);
    limits.report(user);
    const present = await readMessage(sources, room, seq);
    if (present === null || present.state.isDeleted || seq <= standing.from) throw new ProtocolError("unknown_message");
    const { message } = present;
    if (message.by.id === user.id) throw new ProtocolError("own_message");
    const isDirect = (await store.rooms.find(room))?.visibility === "direct";
    const copy = { author: message.by.id, message: copyOf(present), messageAt: message.at };
    const made = await store.reports.add({ room, isDirect, seq, by: user.id, ...c.req.valid("json"), ...copy }, BOUNDS);
    if (made === "full") throw new ProtocolError("too_many_reports");
    const { isNew, ...shown } = made;
    if (isNew && !isDirect) await tellModerators(context, room, message.by.id);
    return c.json(shown, isNew ? 201 : 200);
  });

  app.openapi({ ...contract.listReports, middleware: signedIn }, async (c) => {
    const { id: room } = c.req.valid("param");
    const { user, address } = c.var.caller;
    const { state = "open", cursor } = c.req.valid("query");
    const page = await pageTurns.read({ user: user.id, address }, async () => {
      const { from } = await membership.permit(room, user, "reports");
      const filter = { of: { room }, isOpen: state === "open", notOf: user.id, from };
      const found = await store.reports.list(filter, { cursor, limit: REPORTS_PER_PAGE });
      return { reports: found.reports.map(toReport), cursor: found.cursor };
    });
    return c.json(page, 200);
  });

  app.openapi({ ...contract.closeReport, middleware: signedIn }, async (c) => {
    const { id: room, report: id } = c.req.valid("param");
    const { caller } = c.var;
    limits.membership(caller.user);
    await membership.permit(room, caller.user, "reports");
    const closed = await store.reports.close({ id, room }, c.req.valid("json"), actingOf(caller));
    if (closed === "absent") throw new ProtocolError("unknown_report");
    await tellModerators(context, room, closed.author);
    return c.body(null, 204);
  });
}

/** The text as it is now, and the names of files: their content goes with the message. */
function copyOf({ message, state }: PresentMessage): string {
  const files = message.files?.map(({ name }) => `[file: ${name}]`) ?? [];
  return [state.text ?? message.text, ...files].filter((part) => part !== "").join("\n");
}

/** A moderator who cannot be told finds the report in the queue. The `author` of the reported message is not told. */
export async function tellModerators(
  { store, broker }: Pick<ApiContext, "store" | "broker">,
  room: RoomId,
  author: UserId,
): Promise<void> {
  for (const { user, open } of await store.reports.queue(room, TOLD_MAX))
    if (user !== author) await tellUser(broker, user, { kind: "report", room, open });
}

/** Absent fields instead of null. */
export function toReport({ isDeleted: deleted, context, ...row }: ReportRecord): Report {
  return {
    ...row,
    text: row.text ?? undefined,
    message: row.message ?? undefined,
    closedAt: row.closedAt ?? undefined,
    closedBy: row.closedBy ?? undefined,
    note: row.note ?? undefined,
    deleted,
    context: context.map(({ text, ...near }) => (text === null ? near : { ...near, text })),
  };
}
