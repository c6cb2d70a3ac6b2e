import type { ServerFrame } from "@hubbub/protocol";
import type { Position } from "../room-cursor.ts";

/** The server puts `type` first, then `ref` or `room`; `epoch` and `seq` of an event follow. */
const REF = /^\{"type":"[a-z]+","ref":(\d+)/;
const ROOM = /^\{"type":"[a-z]+","room":"([^"\\]+)"/;
const TYPE = /^\{"type":"([a-z]+)"/;
const EVENT = /^\{"type":"event","room":"[^"\\]+","epoch":(-?\d+),"seq":(\d+),/;

/** What decides where a frame goes, read from its first bytes. Only frames of another form are parsed. */
export interface FrameHead {
  readonly type: ServerFrame["type"];
  readonly ref: number | undefined;
  readonly room: string | undefined;
}

/** undefined: the text is no frame. */
export function readFrameHead(text: string): FrameHead | undefined {
  const type = TYPE.exec(text)?.[1] as ServerFrame["type"] | undefined;
  const ref = REF.exec(text)?.[1];
  if (type !== undefined && ref !== undefined) return { type, ref: Number(ref), room: undefined };
  const room = ROOM.exec(text)?.[1];
  if (type !== undefined && room !== undefined) return { type, ref: undefined, room };
  return parsedHead(text);
}

function parsedHead(text: string): FrameHead | undefined {
  try {
    const frame = JSON.parse(text) as { type: ServerFrame["type"]; ref?: number; room?: string } | null;
    return typeof frame?.type === "string" ? { type: frame.type, ref: frame.ref, room: frame.room } : undefined;
  } catch {
    return undefined;
  }
}

export function positionOfEvent(text: string): Position {
  const [, epoch, seq] = EVENT.exec(text) ?? [];
  if (epoch !== undefined && seq !== undefined) return { epoch: Number(epoch), seq: Number(seq) };
  const frame = JSON.parse(text) as Position;
  return { epoch: frame.epoch, seq: frame.seq };
}

/** The same frame as an answer to `ref`. */
export function withRef(text: string, ref: number): string {
  const match = REF.exec(text);
  if (match === null) return JSON.stringify({ ...(JSON.parse(text) as object), ref });
  const end = match[0].length;
  return text.slice(0, end - (match[1] as string).length) + ref + text.slice(end);
}
