import { harmlessLine } from "../../harmless.ts";
import { fit, widthOf } from "../../width.ts";
import type { People } from "./people.ts";
import { newsIn, type Rooms, sectionsOf } from "./rooms.ts";
import { BOLD, DIM, padRow, type Row, type Style } from "./spans.ts";

/** The list of rooms; the one that is looked at is always among the rows. */
export function roomRows(rooms: Rooms, current: string | undefined, columns: number, height: number): Row[] {
  let number = 0;
  let at = 0;
  const rows: Row[] = [];
  for (const { title, rooms: listed } of sectionsOf(rooms)) {
    rows.push(padRow([{ text: title, style: DIM }], columns));
    for (const room of listed) {
      number += 1;
      if (room.id === current) at = rows.length;
      rows.push(roomRow(room, number, room.id === current, columns));
    }
  }
  const from = Math.max(0, Math.min(at - Math.floor(height / 2), rows.length - height));
  return rows.slice(from, from + height);
}

type Listed = ReturnType<typeof sectionsOf>[number]["rooms"][number];

function roomRow(listed: Listed, number: number, isCurrent: boolean, columns: number): Row {
  const { name, visibility, unread, mentions } = listed;
  const marks = newsIn(listed);
  const digit = number <= 9 ? `${number} ` : "  ";
  const sigil = visibility === "direct" ? "@" : visibility === "private" ? "*" : "#";
  const room = Math.max(1, columns - widthOf(digit) - widthOf(marks) - 2);
  const style: Style = { ...(unread > 0 ? BOLD : {}), ...(isCurrent ? { inverse: true } : {}) };
  const label = fit(`${sigil}${harmlessLine(name)}`, room);
  const gap = " ".repeat(Math.max(1, columns - widthOf(digit) - widthOf(label) - widthOf(marks)));
  const color: Style = mentions > 0 ? { color: "bad" } : {};
  return padRow(
    [
      { text: digit, style: DIM },
      { text: label, style },
      { text: gap, style: isCurrent ? { inverse: true } : undefined },
      { text: marks, style: { ...style, ...color } },
    ],
    columns,
  );
}

const DOTS = { online: "●", away: "◐", offline: "○" } as const;

/** The members, those who are there first. */
export function peopleRows(people: People, columns: number, height: number): Row[] {
  const online = people.all.filter(({ presence }) => presence !== "offline").length;
  const more = people.hasMore ? "+" : "";
  const rows: Row[] = [[{ text: `members ${online}/${people.all.length}${more}`, style: DIM }]];
  for (const { name, role, presence, status } of people.all.slice(0, height - 1)) {
    const dot: Style = presence === "online" ? { color: "good" } : presence === "away" ? { color: "notice" } : DIM;
    rows.push([
      { text: `${DOTS[presence]} `, style: dot },
      { text: harmlessLine(name), style: presence === "offline" ? DIM : undefined },
      { text: `${role === "member" ? "" : ` ${role}`}${status === "" ? "" : ` ${harmlessLine(status)}`}`, style: DIM },
    ]);
  }
  return rows.slice(0, height).map((row) => padRow(row, columns));
}
