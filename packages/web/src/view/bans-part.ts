import type { Room } from "@hubbub/protocol";
import type { App } from "../app.ts";
import { make, makeWritten } from "./element.ts";
import { act, listRow, section } from "./sheet.ts";

/** Who is banned from a room, for those who may end that. Nothing is shown where nobody is. */
export function bansPart(app: App, room: Room): HTMLElement {
  const part = make("div", "");
  const load = async (): Promise<void> => {
    const { bans } = (await app.chat?.do((http) => http.moderation.bans(room.id))) ?? { bans: [] };
    const rows = bans.map(({ user, reason, until }) => {
      const end = until === undefined ? "" : `until ${new Date(until).toLocaleString()} `;
      const unban = act("End the ban", async () => {
        await app.chat?.do((http) => http.moderation.unban(room.id, user.id));
        await load();
      });
      return listRow(makeWritten("span", "", user.username), `${end}${reason}`, unban);
    });
    part.replaceChildren(...(rows.length === 0 ? [] : [section("Banned", [make("ul", "sheet-list", rows)])]));
  };
  load().catch(reportError);
  return part;
}
