import { withBadge } from "./bots.ts";
import type { EventBody } from "./event.ts";
import type { EventId, RoomId, UserId } from "./ids.ts";

/**
 * The one place that spells the head of an event frame, and a durable mark. The gateway writes the body once, the
 * sequencer puts the head in front of it as text, and all readers take room, epoch and seq from the head without
 * parsing JSON:
 *
 *   {"type":"event","room":"<uuid>","epoch":E,"seq":S,"at":T   head: joined by the sequencer (accept.lua spells it too)
 *   ,"by":{…},"kind":"message",…}                              body: written by the author's gateway
 */
export function encodeEventHead(room: RoomId, epoch: number, seq: number, at: number): string {
  return `{"type":"event","room":"${room}","epoch":${epoch},"seq":${seq},"at":${at}`;
}

/** The body with its leading comma and closing brace, ready to stand after a head. */
export function encodeEventBody(body: EventBody): string {
  const { by, kind, id, ...rest } = body;
  return `,${JSON.stringify({ by: withBadge(by), kind, id, ...rest }).slice(1)}`;
}

/** The body of a message, as `encodeEventBody` writes it; `by` is JSON already. For the one kind that is frequent. */
export function encodeMessageBody(by: string, id: EventId, text: string, replyTo: number | undefined): string {
  const reply = replyTo === undefined ? "" : `,"replyTo":${replyTo}`;
  return `,"by":${by},"kind":"message","id":"${id}","text":${JSON.stringify(text)}${reply}}`;
}

const EPOCH_AT = '{"type":"event","room":"00000000-0000-0000-0000-000000000000","epoch":'.length;
const SEQ_GAP = ',"seq":'.length;
const COMMA = 0x2c;
const ZERO = 0x30;
const TYPE_AT = '{"type":"'.length;
const LETTER_E = 0x65;
const LETTER_V = 0x76;

/** Whether these bytes are an event frame (and not a mark or a signal, which share the channel). */
export function isEventFrame(frame: Uint8Array): boolean {
  return frame[TYPE_AT] === LETTER_E && frame[TYPE_AT + 1] === LETTER_V;
}

/** Epoch and seq of an event frame, read from its bytes. */
export function peekEventHead(frame: Uint8Array): { epoch: number; seq: number } {
  let at = EPOCH_AT;
  let epoch = 0;
  for (let byte = frame[at] ?? COMMA; byte !== COMMA; byte = frame[++at] ?? COMMA) epoch = epoch * 10 + (byte - ZERO);
  at += SEQ_GAP;
  let seq = 0;
  for (let byte = frame[at] ?? COMMA; byte !== COMMA; byte = frame[++at] ?? COMMA) seq = seq * 10 + (byte - ZERO);
  return { epoch, seq };
}

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const HEAD = new RegExp(
  `^\\{"type":"event","room":"(${UUID})","epoch":(\\d{1,15}),"seq":(\\d{1,15}),"at":(\\d{1,15}),`,
);
const AUTHORSHIP = new RegExp(`"by":\\{"id":"(${UUID})"[^}]*\\},"kind":"\\w+","id":"([\\w-]{1,64})"`, "y");

export interface EventHead {
  readonly room: RoomId;
  readonly epoch: number;
  readonly seq: number;
  /** Unix ms. */
  readonly at: number;
}

/** The head of an event frame of the log, whatever follows it; null when the frame does not begin with a head. */
export function readEventHead(frame: string): EventHead | null {
  const [, room, epoch, seq, at] = HEAD.exec(frame) ?? [];
  return room === undefined ? null : { room: room as RoomId, epoch: Number(epoch), seq: Number(seq), at: Number(at) };
}

/** Author and id after the head; null when they are not spelled as `encodeEventBody` writes them. */
export function readAuthorship(frame: string): { user: UserId; id: EventId } | null {
  AUTHORSHIP.lastIndex = HEAD.exec(frame)?.[0].length ?? frame.length;
  const [, user, id] = AUTHORSHIP.exec(frame) ?? [];
  return user === undefined ? null : { user: user as UserId, id: id as EventId };
}

/** A durable mark: everything of the room up to `seq` is committed. marks.lua spells it too. */
export function encodeDurable(room: RoomId, seq: number): string {
  return `{"type":"durable","room":"${room}","seq":${seq}}`;
}

const DURABLE_SEQ_AT = '{"type":"durable","room":"00000000-0000-0000-0000-000000000000","seq":'.length;
const LETTER_D = 0x64;
const NINE = 0x39;

/** The seq of a durable mark, read from its bytes; 0 for any other frame. */
export function peekDurable(frame: Uint8Array): number {
  if (frame[TYPE_AT] !== LETTER_D) return 0;
  let seq = 0;
  for (let at = DURABLE_SEQ_AT; at < frame.length; at++) {
    const byte = frame[at] ?? 0;
    if (byte < ZERO || byte > NINE) break;
    seq = seq * 10 + (byte - ZERO);
  }
  return seq;
}
