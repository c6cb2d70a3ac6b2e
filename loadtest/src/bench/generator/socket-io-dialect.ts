import { awaitFrame, type Dialect, type FrameKind } from "./dialect.ts";
import { clientFrame, createFrameTemplate, NUMBER_SLOT, readNumber } from "./frame-template.ts";
import { messageText } from "./message-text.ts";

/** Engine.IO 4 and Socket.IO 5 as text: `4` message, `2` its event, `3` its acknowledgement; a lone `2` is a ping. */
const MESSAGE = 0x34;
const EVENT = 0x32;
const ACK = 0x33;
const ACK_NUMBER_AT = "43".length;
const CONNECT_FRAME = clientFrame("40");
const PONG_FRAME = clientFrame("3");

export const socketIoDialect: Dialect = {
  path: "/socket.io/?EIO=4&transport=websocket",
  subprotocol: undefined,
  lines: false,

  async enter(connection, { rooms }) {
    connection.send(CONNECT_FRAME);
    await awaitFrame(connection, (text) => text.startsWith("40"));
    connection.send(clientFrame(`420${JSON.stringify(["join", rooms])}`));
    await awaitFrame(connection, (text) => text.startsWith("430"));
  },

  publishTemplate(room, sender, textBytes) {
    const text = messageText(sender, textBytes);
    return createFrameTemplate(
      `42${NUMBER_SLOT}["publish",{"room":"${room}","id":"b${sender}-${NUMBER_SLOT}","text":"${text}"}]`,
    );
  },

  kindOf(bytes, start): FrameKind {
    if (bytes[start] !== MESSAGE) return "other";
    const type = bytes[start + 1];
    return type === EVENT ? "event" : type === ACK ? "ack" : "other";
  },

  ackedNumber: (bytes, start) => readNumber(bytes, start + ACK_NUMBER_AT),
  seqOf: () => null,
  answerTo: (bytes, start, end) => (end - start === 1 && bytes[start] === EVENT ? PONG_FRAME : null),
};
