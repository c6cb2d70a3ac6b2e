import type { HubbubHttp } from "@hubbub/client";
import { type AuditEntry, harmlessJson, type Report, type RoomId } from "@hubbub/protocol";
import { clock } from "../chat/render.ts";
import { createConnected } from "../connected.ts";
import { type Environment, tell } from "../environment.ts";
import { harmlessLine } from "../harmless.ts";
import type { ModerationCommand } from "../moderation-args.ts";
import { existingRoom } from "./existing-room.ts";

/** Pages of the audit that are printed: more is for the API. */
const AUDIT_PAGES_MAX = 10;

export async function moderate(env: Environment, command: ModerationCommand): Promise<void> {
  await using connected = await createConnected(env, undefined);
  const { http } = connected.client;
  const { id } = await existingRoom(http, command.room);
  switch (command.name) {
    case "report":
      await http.moderation.report(id, command.seq, { reason: command.reason, text: command.text });
      return tell(env, `Message #${command.seq} was reported to the moderators.`);
    case "reports":
      return listReports(env, http, id, command.isJson);
    case "resolve":
      await http.moderation.closeReport(id, command.report, { state: command.state, note: command.note });
      return tell(env, `The report is closed: ${command.state}.`);
    case "audit":
      return listAudit(env, http, id, command.isJson);
  }
}

/** All open ones: the server bounds their number. */
async function listReports(env: Environment, http: HubbubHttp, room: RoomId, isJson: boolean): Promise<void> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await http.moderation.reports(room, { cursor });
    for (const report of page.reports)
      env.stdout.write(
        isJson
          ? `${harmlessJson(report)}\n`
          : linesOf(report)
              .map((line) => `${line}\n`)
              .join(""),
      );
    count += page.reports.length;
    cursor = page.cursor;
  } while (cursor !== undefined);
  if (count === 0) tell(env, "No report waits.");
}

async function listAudit(env: Environment, http: HubbubHttp, room: RoomId, isJson: boolean): Promise<void> {
  let cursor: string | undefined;
  for (let page = 0; page < AUDIT_PAGES_MAX; page += 1) {
    const { entries, cursor: next } = await http.moderation.audit(room, { cursor });
    for (const entry of entries) env.stdout.write(`${isJson ? harmlessJson(entry) : lineOf(entry)}\n`);
    cursor = next;
    if (cursor === undefined) return;
  }
  tell(env, "There is more: ask GET /rooms/ROOM/audit with until.");
}

/** What is reported, and the messages around. */
function linesOf({ id, at, by, author, reason, seq, message, text, deleted, context }: Report): string[] {
  const near = (isBefore: boolean) =>
    context
      .filter((one) => one.seq < seq === isBefore)
      .map((one) => harmlessLine(`      #${one.seq} ${one.by.username}: ${one.text ?? "(deleted)"}`));
  return [
    harmlessLine(`${dayOf(at)}  ${id}  ${reason}, reported by ${by.username}${text === undefined ? "" : `: ${text}`}`),
    ...near(true),
    harmlessLine(`    > #${seq} ${author.username}: ${message ?? "(erased)"}${deleted ? " (deleted since)" : ""}`),
    ...near(false),
  ];
}

function lineOf({ at, actor, actorName, act, subject, subjectName, seq, details, note }: AuditEntry): string {
  const on = subject === undefined ? "" : ` ${subjectName ?? subject}`;
  const of = seq === undefined ? "" : ` #${seq}`;
  const more = details === undefined ? "" : ` ${JSON.stringify(details)}`;
  return harmlessLine(
    `${dayOf(at)}  ${actorName ?? actor} ${act}${on}${of}${more}${note === undefined ? "" : `: ${note}`}`,
  );
}

const dayOf = (at: number) => `${new Date(at).toISOString().slice(0, 10)} ${clock(at)}`;
