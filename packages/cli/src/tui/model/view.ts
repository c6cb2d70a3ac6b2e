import { type Layout, layOut } from "../../chat/layout.ts";
import { clock } from "../../chat/render.ts";
import { harmlessLine } from "../../harmless.ts";
import { fit, widthOf } from "../../width.ts";
import type { Composing } from "./composing.ts";
import type { Desk } from "./desk.ts";
import { entriesOf, threadEntries } from "./entries.ts";
import type { Keyboard } from "./keyboard.ts";
import { labelsOf, type Overlay } from "./overlay.ts";
import type { Looks } from "./rows.ts";
import { peopleRows, roomRows } from "./side-rows.ts";
import { BOLD, DIM, padRow, type Row } from "./spans.ts";
import { promptOf, statusRow } from "./status.ts";

/** Below these widths there is no list of rooms, and no list of members. */
const ROOMS_FROM = 60;
const MEMBERS_FROM = 100;
const ROOMS_COLUMNS = 24;
const MEMBERS_COLUMNS = 22;
const INPUT_ROWS_MAX = 8;

/** A column of the screen; its rows are exactly as wide as it is. */
export interface ViewColumn {
  readonly columns: number;
  readonly rows: readonly Row[];
}

/** Everything that is drawn. */
export interface View {
  readonly columns: number;
  readonly height: number;
  readonly rooms: ViewColumn | undefined;
  readonly middle: ViewColumn;
  readonly side: ViewColumn | undefined;
  readonly status: Row;
  readonly input: Layout;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Sight {
  readonly desk: Desk;
  readonly composing: Composing;
  readonly keyboard: Keyboard;
}

/** The screen as it is now. */
export function viewOf(sight: Sight, { columns, rows }: Size): View {
  const { desk } = sight;
  const input = inputOf(sight, columns, rows);
  const height = Math.max(1, rows - input.rows.length - 1);
  const roomColumns = columns >= ROOMS_FROM ? ROOMS_COLUMNS : 0;
  const hasThread = desk.thread !== undefined && desk.talk !== undefined;
  const rest = columns - roomColumns;
  const sideColumns =
    columns < MEMBERS_FROM || desk.talk === undefined ? 0 : hasThread ? Math.floor(rest / 2) : MEMBERS_COLUMNS;
  const middleColumns = rest - sideColumns;
  const thread = (width: number): Row[] => threadRows(sight, width, height);
  const isThreadAlone = hasThread && sideColumns === 0;
  const side = (width: number): Row[] => (hasThread ? thread(width) : peopleRows(desk.people, width, height));
  return {
    columns,
    height,
    rooms: column(roomColumns, (width) => roomRows(desk.rooms, desk.talk?.room.id, width, height)),
    middle: {
      columns: middleColumns,
      rows: isThreadAlone ? thread(middleColumns) : middleRows(sight, middleColumns, height),
    },
    side: column(sideColumns, side),
    status: statusRow(desk, columns, roomColumns > 0),
    input,
  };
}

/** One column less than its width: the line between the columns takes it. */
function column(columns: number, rowsOf: (width: number) => Row[]): ViewColumn | undefined {
  return columns === 0 ? undefined : { columns: columns - 1, rows: rowsOf(columns - 1) };
}

function inputOf({ desk, composing, keyboard }: Sight, columns: number, rows: number): Layout {
  const rowsMax = Math.max(1, Math.min(INPUT_ROWS_MAX, Math.floor(rows / 3)));
  const { secret, editor } = composing;
  const { query } = keyboard;
  const asked = (): { prompt: string; text: string; cursor: number } => {
    if (query !== undefined) return { prompt: "find › ", text: query.text, cursor: query.cursor };
    if (secret === undefined) return { prompt: promptOf(desk, composing), text: editor.text, cursor: editor.cursor };
    return { prompt: secret.question, text: "•".repeat(editor.text.length), cursor: editor.cursor };
  };
  const line = asked();
  return layOut({ ...line, prompt: fit(line.prompt, Math.floor(columns / 2)) }, columns, rowsMax);
}

function middleRows(sight: Sight, columns: number, height: number): Row[] {
  const { desk } = sight;
  if (desk.overlay !== undefined) return overlayRows(desk.overlay, columns, height);
  const { talk } = desk;
  if (talk === undefined)
    return [padRow([{ text: "no room: Ctrl-K finds one, .keys lists the keys", style: DIM }], columns)];
  const topic = talk.room.topic === "" ? "" : ` – ${harmlessLine(talk.room.topic)}`;
  const state = talk.closed === "" ? topic : ` – ${harmlessLine(talk.closed)}`;
  const looks = looksOf(sight, columns);
  const { rows, isTop, unnamed, newLine } = desk.pane.layOut(entriesOf(talk, desk.me?.id), looks, height - 1);
  if (isTop) talk.loadOlder();
  talk.newLine.saw(newLine, talk.past?.from ?? talk.oldest);
  const who = unnamed === undefined ? "" : `  ↓ ${harmlessLine(unnamed.event.by.username)} ${clock(unnamed.event.at)}`;
  const room = Math.max(0, columns - widthOf(who));
  const title: Row = [
    { text: harmlessLine(talk.room.name), style: BOLD },
    { text: state, style: DIM },
  ];
  return [padRow([...padRow(title, room), { text: who, style: DIM }], columns), ...atBottom(rows, height - 1)];
}

function threadRows(sight: Sight, columns: number, height: number): Row[] {
  const { desk } = sight;
  const { talk, thread } = desk;
  if (talk === undefined || thread === undefined) return [];
  const looks = { ...looksOf(sight, columns), isThread: true };
  const { rows } = desk.threadPane.layOut(threadEntries(talk, thread, desk.me?.id), looks, height - 1);
  return [
    padRow(
      [
        { text: `thread of #${thread}`, style: BOLD },
        { text: "  Alt-T closes it", style: DIM },
      ],
      columns,
    ),
    ...atBottom(rows, height - 1),
  ];
}

/** The newest is beside the typed line. */
function atBottom(rows: readonly Row[], height: number): Row[] {
  return [...Array.from({ length: height - rows.length }, (): Row => []), ...rows];
}

function overlayRows(overlay: Overlay, columns: number, height: number): Row[] {
  const title = overlay.kind === "finder" ? "rooms and people" : overlay.title;
  const labels = labelsOf(overlay);
  const from = Math.max(0, Math.min(overlay.at - Math.floor(height / 2), labels.length - height + 1));
  const rows = labels.slice(from, from + height - 1).map((label, index) => {
    const text = fit(label, columns);
    return padRow([{ text, style: from + index === overlay.at ? { inverse: true } : undefined }], columns);
  });
  const help = { text: "  ↑ ↓ Enter, Esc closes", style: DIM };
  return [padRow([{ text: title, style: BOLD }, help], columns), ...rows];
}

function looksOf({ desk }: Sight, columns: number): Omit<Looks, "selected"> {
  const { talk, me } = desk;
  return {
    columns,
    isThread: false,
    me: me?.id,
    myName: me?.username ?? "",
    durableSeq: talk?.durableSeq ?? 0,
    textAt: (seq) => {
      const message = talk?.messages.get(seq);
      if (message === undefined) return undefined;
      const said = message.state.text ?? message.event.text;
      const [file] = message.event.files ?? [];
      const text = message.state.isDeleted ? "(deleted)" : said === "" && file !== undefined ? `📎 ${file.name}` : said;
      return { who: message.event.by.username, text };
    },
    fileUrl: (file) => talk?.fileUrl(file),
  };
}
