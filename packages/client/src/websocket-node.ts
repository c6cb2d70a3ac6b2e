import { WebSocket } from "ws";
import type { OpenTransport } from "./transport.ts";

export const openTransport: OpenTransport = (url, subprotocol, events) => {
  const socket = new WebSocket(url, subprotocol, { perMessageDeflate: false });
  let isListening = true;
  socket.on("open", () => isListening && events.opened());
  socket.on("message", (data, isBinary) => isListening && !isBinary && events.received(data.toString()));
  // An error is always followed by close, which is what is reported.
  let cause: Error | undefined;
  socket.on("error", (error) => {
    cause = error;
  });
  socket.on("close", (code) => isListening && events.closed(code, cause));
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (code) => socket.close(code),
    abort: () => {
      isListening = false;
      socket.terminate();
    },
  };
};
