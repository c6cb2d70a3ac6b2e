import type { ClientState } from "@hubbub/client";
import { PROMPT_NAME_COLUMNS } from "../../chat/render.ts";
import { explain } from "../../cli-error.ts";
import { harmlessLine } from "../../harmless.ts";
import { fit, widthOf } from "../../width.ts";
import type { Composing } from "./composing.ts";
import type { Desk } from "./desk.ts";
import { DIM, padRow, type Row, type Style } from "./spans.ts";
import { typingLine } from "./typing-line.ts";

/** The connection as it is. */
function connectionWords(state: ClientState, server: string): { text: string; style: Style } {
  switch (state.state) {
    case "ready":
      return { text: "● connected", style: { color: "good" } };
    case "waiting": {
      const why = state.error === undefined ? "" : `: ${explain(state.error, server)}`;
      return { text: `○ no connection, trying again${why}`, style: { color: "bad" } };
    }
    case "closed":
      return { text: "○ the connection has ended", style: { color: "bad" } };
    default:
      return { text: "◌ connecting…", style: { color: "notice" } };
  }
}

/** Connection, pending messages and uploads, who types, hints. */
export function statusRow(desk: Desk, columns: number): Row {
  const connection = connectionWords(desk.connection, desk.server);
  const pending = desk.pendingCount;
  const parts = [
    ...(pending === 0 ? [] : [`${pending} pending`]),
    ...(desk.upload === "" ? [] : [`📎 ${desk.upload}`]),
    ...(desk.roster.invitations === 0 ? [] : [`${desk.roster.invitations} invited: .invitations`]),
    ...(desk.pane.isAtEnd && desk.talk?.past === undefined ? [] : ["older messages, End leads back"]),
    ...(desk.talk?.isLoading === true ? ["loading…"] : []),
    typingLine(desk.talk?.typists.users ?? []),
    desk.hint,
  ].filter((part) => part !== "");
  const room = Math.max(12, columns - widthOf(parts.join(" · ")) - 3);
  const text = fit(harmlessLine(connection.text), Math.min(room, columns));
  const rest = parts.length === 0 ? "" : ` · ${harmlessLine(parts.join(" · "))}`;
  return padRow(
    [
      { text, style: connection.style },
      { text: rest, style: DIM },
    ],
    columns,
  );
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
