import { peekEventHead, SUBPROTOCOL, WEBSOCKET_PATH } from "@hubbub/protocol";
import { awaitFrame, type Dialect, type FrameKind } from "./dialect.ts";
import { clientFrame, createFrameTemplate, NUMBER_SLOT, readNumber } from "./frame-template.ts";
import { messageText } from "./message-text.ts";

const LETTER_AT = '{"type":"'.length;
const ACK_REF_AT = '{"type":"ack","ref":'.length;
const LETTER_A = 0x61;
const LETTER_E = 0x65;
const LETTER_R = 0x72;
const LETTER_V = 0x76;

export const hubbubDialect: Dialect = {
  path: WEBSOCKET_PATH,
  subprotocol: SUBPROTOCOL,
  lines: false,

  async enter(connection, { token, rooms }) {
    connection.send(clientFrame(JSON.stringify({ type: "hello", ref: 1, token })));
    await awaitFrame(connection, (text) => isAnswer(text, "ready"));
    for (const [index, room] of rooms.entries()) {
      connection.send(clientFrame(JSON.stringify({ type: "subscribe", ref: index + 2, room })));
    }
    const waiting = new Set(rooms);
    if (waiting.size === 0) return;
    await awaitFrame(connection, (text) => {
      if (isAnswer(text, "subscribed")) waiting.delete((JSON.parse(text) as { room: string }).room);
      return waiting.size === 0;
    });
  },

  publishTemplate(room, sender, textBytes) {
    const text = messageText(sender, textBytes);
    return createFrameTemplate(
      `{"type":"publish","ref":${NUMBER_SLOT},"room":"${room}","id":"b${sender}-${NUMBER_SLOT}","text":"${text}"}`,
    );
  },

  // By two letters in place: a view of each frame for the protocol's own `isEventFrame` would cost more than the rest.
  kindOf(bytes, start): FrameKind {
    const letter = bytes[start + LETTER_AT];
    const next = bytes[start + LETTER_AT + 1];
    if (letter === LETTER_A) return "ack";
    if (letter !== LETTER_E) return "other";
    return next === LETTER_V ? "event" : next === LETTER_R ? "error" : "other";
  },

  ackedNumber: (bytes, start) => readNumber(bytes, start + ACK_REF_AT),
  seqOf: (bytes, start) => peekEventHead(bytes.subarray(start)).seq,
  answerTo: () => null,
};

function isAnswer(text: string, type: string): boolean {
  if (text.startsWith('{"type":"error"')) throw new Error(`the server answered ${text}`);
  return text.startsWith(`{"type":"${type}"`);
}
