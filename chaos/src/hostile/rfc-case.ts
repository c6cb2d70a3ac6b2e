import { setImmediate as turn } from "node:timers/promises";
import { encodeFrame, OPCODE, type RawFrame } from "./frame.ts";
import type { RawWs } from "./raw-ws.ts";

/**
 * One thing a client says to a server that has greeted it, and all that comes of it: the answers, and then `open`,
 * `close <code>`, `close empty` or `cut` (the TCP connection ends without a close frame).
 */
export interface RfcCase {
  /** In the numbering of the Autobahn test suite, where it has the case. */
  readonly id: string;
  readonly says: string;
  /** Each a TCP segment of its own; null waits for a frame of the server. */
  readonly writes: readonly (Uint8Array | null)[];
  /** One byte at a time. */
  readonly trickled?: boolean | undefined;
  readonly expect: string;
  /** Where this is not what RFC 6455 asks for: what it asks for. */
  readonly deviates?: string | undefined;
}

/** The smallest frame that has an answer. `size` pads it with blanks, which JSON allows. */
export function askText(size = 0): string {
  return '{"type":"ping","ref":7}'.padEnd(size);
}

/** Frames of a server end in the order they began, so whatever the case brings about comes before this one's pong. */
const lastPing = encodeFrame({ opcode: OPCODE.ping, payload: "the end" });
const shownMax = 8;

/** Plays a case on a connection that has said hello and heard `ready`; answers what happened in the words of `expect`. */
export async function play({ writes, trickled = false }: RfcCase, ws: RawWs): Promise<string> {
  const heard: string[] = [];
  for (const bytes of writes) {
    if (bytes === null) heard.push(describe(await ws.next()));
    else if (trickled) await ws.trickle(bytes);
    else await ws.write(bytes);
    await turn();
  }
  await ws.write(lastPing);
  for (;;) {
    const frame = await ws.next();
    if (frame === null || frame.opcode === OPCODE.close) break;
    if (frame.opcode === OPCODE.pong && String(frame.payload) === "the end") return [...heard, "open"].join(", ");
    heard.push(describe(frame));
  }
  const { closeFrames, code } = await ws.ended;
  const end = closeFrames === 0 ? "cut" : closeFrames === 1 ? `close ${code ?? "empty"}` : `${closeFrames} closes`;
  return [...heard, end].join(", ");
}

function describe(frame: RawFrame | null): string {
  if (frame === null) return "nothing";
  const { fin, rsv, opcode, masked, payload } = frame;
  if (!fin || rsv !== 0 || masked) return "a broken frame";
  if (opcode === OPCODE.pong) return `pong(${payload.length > shownMax ? payload.length : payload.toString("latin1")})`;
  if (opcode !== OPCODE.text) return `opcode ${opcode}`;
  const answer: { type: string; code?: string } = JSON.parse(String(payload));
  return answer.type === "error" ? `error ${answer.code}` : answer.type;
}
