import { awaitFrame, type Dialect, type FrameKind } from "./dialect.ts";
import { clientFrame, createFrameTemplate, NUMBER_DIGITS, NUMBER_SLOT, readNumber } from "./frame-template.ts";
import { messageText } from "./message-text.ts";

/**
 * Centrifugo's JSON protocol, several messages a frame. What it is looked at for is at fixed places, because all
 * channels have names of the same length.
 */
const ROOM_DIGITS = 6;
/** The namespace that the bench configures. */
export const NAMESPACE = "bench";
const CHANNEL_LENGTH = NAMESPACE.length + ":".length + ROOM_DIGITS;

export function channelOf(room: number): string {
  return `${NAMESPACE}:${String(room).padStart(ROOM_DIGITS, "0")}`;
}

const ID_AT = '{"id":'.length;
const ANSWER_AT = ID_AT + NUMBER_DIGITS + ',"'.length;
const PUSH_AT = '{"push":{"channel":"'.length + CHANNEL_LENGTH + '","'.length;
const LETTER_I = 0x69;
const LETTER_P = 0x70;
const LETTER_E = 0x65;
export const PONG_FRAME = clientFrame("{}");
export const PING_LENGTH = "{}".length;

export const centrifugoDialect: Dialect = {
  path: "/connection/websocket",
  subprotocol: undefined,
  lines: true,

  async enter(connection, { token, rooms }) {
    connection.send(clientFrame(JSON.stringify({ id: 1, connect: { token } })));
    await awaitFrame(connection, (text) => answersIn(text).includes(1));
    const waiting = new Set(rooms.map((_room, index) => index + 2));
    for (const [index, channel] of rooms.entries()) {
      connection.send(clientFrame(JSON.stringify({ id: index + 2, subscribe: { channel } })));
    }
    if (waiting.size === 0) return;
    await awaitFrame(connection, (text) => {
      for (const id of answersIn(text)) waiting.delete(id);
      return waiting.size === 0;
    });
  },

  publishTemplate(room, sender, textBytes) {
    const text = messageText(sender, textBytes);
    return createFrameTemplate(
      `{"id":${NUMBER_SLOT},"publish":{"channel":"${room}","data":{"id":"b${sender}-${NUMBER_SLOT}","text":"${text}"}}}`,
    );
  },

  kindOf(bytes, start): FrameKind {
    const letter = bytes[start + '{"'.length];
    if (letter === LETTER_P) return bytes[start + PUSH_AT] === LETTER_P ? "event" : "other";
    if (letter !== LETTER_I) return "other";
    const answer = bytes[start + ANSWER_AT];
    return answer === LETTER_P ? "ack" : answer === LETTER_E ? "error" : "other";
  },

  ackedNumber: (bytes, start) => readNumber(bytes, start + ID_AT),
  seqOf: (bytes, start, end) => offsetOf(bytes.toString("utf8", start, end)),
  answerTo: (_bytes, start, end) => (end - start === PING_LENGTH ? PONG_FRAME : null),
};

/** The place of a publication in its channel. */
export function offsetOf(push: string): number {
  const at = push.lastIndexOf('"offset":');
  return Number.parseInt(push.slice(at + '"offset":'.length), 10);
}

interface Reply {
  readonly id?: number;
  readonly error?: { readonly message: string };
}

/** The ids answered in this frame. @throws when one is answered with an error */
function answersIn(frame: string): number[] {
  return frame.split("\n").flatMap((line) => {
    if (!line.startsWith('{"id":')) return [];
    const { id, error } = JSON.parse(line) as Reply;
    if (error !== undefined) throw new Error(`the server answered ${line}`);
    return id === undefined ? [] : [id];
  });
}
