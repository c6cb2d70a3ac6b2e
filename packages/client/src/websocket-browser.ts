import type { OpenTransport } from "./transport.ts";

export const openTransport: OpenTransport = (url, subprotocol, events) => {
  const socket = new WebSocket(url, subprotocol);
  const listening = new AbortController();
  const { signal } = listening;
  socket.addEventListener("open", () => events.opened(), { signal });
  socket.addEventListener("message", ({ data }) => typeof data === "string" && events.received(data), { signal });
  socket.addEventListener("close", ({ code }) => events.closed(code), { signal });
  return {
    send: (text) => {
      // Before and after its open state a browser throws or drops; `closed` tells either way.
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (code) => socket.close(code),
    abort: () => {
      listening.abort();
      socket.close();
    },
  };
};
