import type { Message } from "@hubbub/client";
import type { FileInfo, UserId } from "@hubbub/protocol";
import { clock } from "../../chat/render.ts";
import { harmlessLine, harmlessLines } from "../../harmless.ts";
import { widthOf } from "../../width.ts";
import type { Draft } from "./drafts.ts";
import type { Entry } from "./entries.ts";
import { firstLine, markdownLines } from "./markdown.ts";
import { DIM, padRow, type Row, type Span, styled, wrap, wrapListed } from "./spans.ts";

const INDENT: Span = { text: "  " };
const QUOTED_LENGTH = 60;
const KIB = 1024;

/** What rows depend on besides their entry. */
export interface Looks {
  readonly columns: number;
  /** Everything is in one thread. */
  readonly isThread: boolean;
  readonly me: UserId | undefined;
  readonly myName: string;
  readonly durableSeq: number;
  /** Key of the entry that stands out. */
  readonly selected: string | undefined;
  textAt(seq: number): { readonly who: string; readonly text: string } | undefined;
  fileUrl(file: FileInfo): string | undefined;
}

/** The rows of an entry, each at most as wide as the pane. Pure: what others wrote is harmless here. */
export function rowsOf(entry: Entry, looks: Looks): Row[] {
  const rows = plainRowsOf(entry, looks);
  if (looks.selected !== entry.key) return rows;
  return rows.map((row) => styled(padRow(row, looks.columns), { inverse: true }));
}

function plainRowsOf(entry: Entry, looks: Looks): Row[] {
  const { columns } = looks;
  switch (entry.kind) {
    case "message":
      return messageRows(entry.message, entry.isFirst, entry.key === looks.selected, looks);
    case "draft":
      return draftRows(entry.draft, columns);
    case "note":
      return wrap([{ text: `  · ${harmlessLine(entry.text)}`, style: DIM }], columns);
    case "said":
      return entry.lines.flatMap((line) => wrapListed(harmlessLine(line), columns, { color: "accent" }));
    case "day":
      return [ruler(new Date(entry.at).toDateString(), columns, DIM)];
    case "new":
      return [ruler("new", columns, { color: "bad" })];
  }
}

function ruler(text: string, columns: number, style: Span["style"]): Row {
  const rest = Math.max(2, columns - widthOf(text) - 2);
  const before = "─".repeat(Math.floor(rest / 2));
  const behind = "─".repeat(Math.ceil(rest / 2));
  return padRow([{ text: `${before} ${text} ${behind}`, style }], columns);
}

function messageRows(message: Message, isFirst: boolean, isSelected: boolean, looks: Looks): Row[] {
  const { event, state } = message;
  const rows: Row[] = isFirst ? [heading(message, looks)] : [];
  if (event.replyTo !== undefined) rows.push(...indented([quote(event.replyTo, looks)], looks.columns));
  if (state.isDeleted) rows.push(...indented([{ text: "this message was deleted", style: DIM }], looks.columns));
  else rows.push(...body(message, isSelected, looks), ...fileRows(message, isSelected, looks));
  const below = footer(message, looks.me);
  if (below.length > 0) rows.push(...indented(below, looks.columns));
  return rows;
}

function heading({ event }: Message, { columns, isThread }: Looks): Row {
  const name = harmlessLine(event.by.username);
  return padRow(
    [
      { text: name, style: { bold: true, nameOf: name } },
      ...(event.by.bot === true ? [{ text: " bot", style: DIM }] : []),
      { text: ` ${clock(event.at)}`, style: DIM },
      ...(event.thread === undefined || isThread ? [] : [{ text: ` in the thread of #${event.thread}`, style: DIM }]),
    ],
    columns,
  );
}

function quote(seq: number, { textAt }: Looks): Span {
  const target = textAt(seq);
  if (target === undefined) return { text: `↪ #${seq}`, style: DIM };
  const line = firstLine(target.text);
  const text = line.length > QUOTED_LENGTH ? `${[...line].slice(0, QUOTED_LENGTH).join("")}…` : line;
  return { text: `↪ ${harmlessLine(target.who)}: ${text}`, style: DIM };
}

/** The text, and behind it what is to be known of it. */
function body(message: Message, isSelected: boolean, looks: Looks): Row[] {
  const { event, state } = message;
  const text = state.text ?? event.text;
  const names = new Set(event.mentions?.names ?? []);
  const isMentioned = (name: string): boolean => names.has(name) || name === "room" || name === "here";
  if (text === "" && event.files !== undefined) return [];
  const lines = markdownLines(text, isMentioned);
  lines.push([...(lines.pop() ?? []), ...notesOf(message, isSelected, looks)]);
  const isForMe = names.has(looks.myName.toLowerCase());
  const mark: Span = isForMe ? { text: "▌ ", style: { color: "notice" } } : INDENT;
  return lines.flatMap((line) => wrap(line, looks.columns - 2).map((row) => [mark, ...row]));
}

/** What is to be known of a message. */
function notesOf({ event, state }: Message, isSelected: boolean, { me, durableSeq }: Looks): Span[] {
  const notes = [
    ...(isSelected ? [`#${event.seq}`] : []),
    ...(state.edited === undefined ? [] : ["(edited)"]),
    ...(state.isPinned ? ["📌"] : []),
    ...(event.by.id === me ? [event.seq <= durableSeq ? "✓✓" : "✓"] : []),
  ];
  return notes.length === 0 ? [] : [{ text: ` ${notes.join(" ")}`, style: DIM }];
}

/** Behind the first one stands what is to be known of a message without a text. */
function fileRows(message: Message, isSelected: boolean, looks: Looks): Row[] {
  const { event, state } = message;
  const isBare = (state.text ?? event.text) === "";
  return (event.files ?? []).flatMap((file, at) => {
    const link = looks.fileUrl(file);
    const size = `${Math.ceil(file.bytes / KIB)} KiB`;
    const name = { text: `📎 ${harmlessLine(file.name)} (${size})`, style: { underline: true }, link };
    return indented(
      [
        name,
        ...(isBare && at === 0 ? notesOf(message, isSelected, looks) : []),
        ...(isSelected && link !== undefined ? [{ text: ` ${link}`, style: DIM }] : []),
      ],
      looks.columns,
    );
  });
}

function footer({ state }: Message, me: UserId | undefined): Span[] {
  const reactions = [...state.reactions].map(([emoji, users]): Span => {
    const isMine = me !== undefined && users.has(me);
    return { text: `${harmlessLine(emoji)} ${users.size}  `, style: isMine ? { color: "notice" } : DIM };
  });
  const count = state.replies?.count ?? 0;
  const replies: Span[] =
    count === 0 ? [] : [{ text: `↳ ${count === 1 ? "1 reply" : `${count} replies`}`, style: { color: "accent" } }];
  return [...reactions, ...replies];
}

function draftRows({ text, error, files, seq }: Draft, columns: number): Row[] {
  const shown = harmlessLines(text === "" && files !== undefined ? "📎" : text);
  const mark = error !== undefined ? "✗" : seq === undefined ? "…" : "✓";
  const rows = shown.flatMap((line, at) =>
    indented([{ text: at === shown.length - 1 ? `${line} ${mark}` : line, style: DIM }], columns),
  );
  if (error === undefined) return rows;
  const help = `not sent: ${error} Ctrl-Up selects it: r sends it again, d discards it`;
  return [...rows, ...indented([{ text: harmlessLine(help), style: { color: "bad" } }], columns)];
}

function indented(spans: Row, columns: number): Row[] {
  return wrap(spans, columns - 2).map((row) => [INDENT, ...row]);
}
