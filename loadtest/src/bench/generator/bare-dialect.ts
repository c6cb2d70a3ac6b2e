import { awaitFrame, type Dialect } from "./dialect.ts";
import { clientFrame, createFrameTemplate } from "./frame-template.ts";
import { messageText } from "./message-text.ts";

/** Bare uWS: the topics go up in one frame, everything that comes down is a message of the server's own making. */
export const bareDialect: Dialect = {
  path: "/",
  subprotocol: undefined,
  lines: false,

  async enter(connection, { rooms }) {
    connection.send(clientFrame(JSON.stringify(rooms)));
    await awaitFrame(connection, (text) => text === "ok");
  },

  publishTemplate: (_room, sender, textBytes) => createFrameTemplate(messageText(sender, textBytes)),
  kindOf: () => "event",
  ackedNumber: () => 0,
  seqOf: () => null,
  answerTo: () => null,
};
