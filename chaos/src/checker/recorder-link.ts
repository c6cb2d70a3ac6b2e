import type { ReceivedFrame } from "@hubbub/testkit";
import { WebSocket } from "ws";

/** One connection, heard of by callbacks: a recorder must not let frames wait. */
export interface RecorderLink {
  /** 1006 also when it never opened. */
  readonly closed: Promise<number>;
  send(frame: object): void;
  cut(): void;
}

export interface RecorderLinkOptions {
  readonly url: string;
  readonly token: string;
  /** A connection that says nothing for this long, asked half-way, is taken for dead. */
  readonly silenceMs: number;
  frame(link: RecorderLink, frame: ReceivedFrame): void;
}

/** Connects and says hello. */
export function openRecorderLink({ url, token, silenceMs, frame: heard }: RecorderLinkOptions): RecorderLink {
  const socket = new WebSocket(url, "hubbub.v1", { perMessageDeflate: false, handshakeTimeout: silenceMs });
  let heardAt = performance.now();
  let isReady = false;
  const watch = setInterval(() => {
    const silentMs = performance.now() - heardAt;
    if (silentMs > silenceMs) socket.terminate();
    else if (isReady && silentMs > silenceMs / 2) link.send({ type: "ping", ref: 0 });
  }, silenceMs / 4);
  const closed = new Promise<number>((resolve) => {
    socket.once("close", (code) => {
      clearInterval(watch);
      resolve(code);
    });
  });
  const link: RecorderLink = {
    closed,
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    },
    cut: () => socket.terminate(),
  };
  // Every error is followed by "close", which says the same.
  socket.on("error", () => undefined);
  socket.once("open", () => link.send({ type: "hello", ref: 0, token }));
  socket.on("message", (data) => {
    heardAt = performance.now();
    const frame: ReceivedFrame = JSON.parse(String(data));
    isReady ||= frame.type === "ready";
    heard(link, frame);
  });
  return link;
}
