import type { ClientState } from "@hubbub/client";
import { PROMPT_NAME_COLUMNS } from "../../chat/render.ts";
import { explain } from "../../cli-error.ts";
import { harmlessLine } from "../../harmless.ts";
import { fit, widthOf } from "../../width.ts";
import type { Composing } from "./composing.ts";
import type { Desk } from "./desk.ts";
import { newsBehind } from "./first-unread.ts";
import { listed, unreadRooms } from "./rooms.ts";
import { DIM, padRow, type Row, type Style } from "./spans.ts";
import { typingLine } from "./typing-line.ts";

/** The connection as it is. */
function connectionWords(
  state: ClientState,
  server: string,
): {
  readonly text: string;
  readonly short?: string;
  readonly why?: string;
  readonly style: Style;
} {
  switch (state.state) {
    case "ready":
      return { text: "● connected", style: { color: "good" } };
    case "waiting": {
      const why = state.error === undefined ? "" : `: ${explain(state.error, server)}`;
      return { text: "○ no connection, trying again", short: "○ offline", why, style: { color: "bad" } };
    }
    case "closed":
      return { text: "○ the connection has ended", style: { color: "bad" } };
    default:
      return { text: "◌ connecting…", style: { color: "notice" } };
  }
}

/** Connection, hints, pending messages and uploads, what is new where, who types. The first ones stay in a narrow window. */
export function statusRow(desk: Desk, columns: number, areRoomsShown: boolean): Row {
  const connection = connectionWords(desk.connection, desk.server);
  const pending = desk.pendingCount;
  const parts = [
    desk.hint,
    ...(pending === 0 ? [] : [`${pending} pending`]),
    ...(desk.upload === "" ? [] : [`📎 ${desk.upload}`]),
    placeWords(desk),
    areRoomsShown ? "" : activity(desk),
    ...(desk.roster.invitations === 0 ? [] : [`${desk.roster.invitations} invited: .invitations`]),
    ...(desk.talk?.isLoading === true ? ["loading…"] : []),
    typingLine(desk.talk?.typists.users ?? []),
  ].filter((part) => part !== "");
  const rest = parts.length === 0 ? "" : ` · ${harmlessLine(parts.join(" · "))}`;
  const whole = harmlessLine(connection.text + (connection.why ?? ""));
  const free = columns - widthOf(rest);
  // A part of the reason helps nobody, nor does a word where something is to be told.
  const sign = widthOf(connection.text) <= free ? connection.text : (connection.short ?? connection.text);
  const text = widthOf(whole) <= free ? whole : sign;
  return padRow(
    [
      { text, style: connection.style },
      { text: fit(rest, Math.max(1, columns - widthOf(text))), style: DIM },
    ],
    columns,
  );
}

/** Where the reader is, and what of the room is beside it. */
function placeWords({ pane, talk, me }: Desk): string {
  if (talk === undefined) return "";
  if (pane.isAtEnd && talk.past === undefined) return talk.newLine.isAbove ? "unread above, Alt-U" : "";
  const below = newsBehind(talk, talk.read, me?.id).length;
  return below === 0 ? "older messages, End leads back" : `${below} new below, End leads there`;
}

/** Rooms with something unread, by the numbers of Alt-1…9. */
function activity({ rooms, talk }: Desk): string {
  const all = listed(rooms);
  const words = unreadRooms(rooms)
    .filter(({ id }) => id !== talk?.room.id)
    .map((room) => {
      const number = all.indexOf(room) + 1;
      return `${room.mentions > 0 ? "@" : ""}${number <= 9 ? number : room.name}`;
    });
  return words.length === 0 ? "" : `unread ${words.join(" ")}`;
}

/** What stands before the typed line. */
export function promptOf(desk: Desk, { purpose }: Composing): string {
  const name = desk.talk === undefined ? "(no room)" : fit(harmlessLine(desk.talk.room.name), PROMPT_NAME_COLUMNS);
  switch (purpose.kind) {
    case "reply":
      return `↪ reply to #${purpose.seq} › `;
    case "edit":
      return `✎ edit #${purpose.seq} › `;
    case "react":
      return `emoji for #${purpose.seq} › `;
    default:
      return desk.thread === undefined ? `${name} › ` : `${name} ⤷ #${desk.thread} › `;
  }
}
