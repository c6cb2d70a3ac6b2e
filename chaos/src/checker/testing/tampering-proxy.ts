import { once } from "node:events";
import type { ReceivedFrame } from "@hubbub/testkit";
import { WebSocket, WebSocketServer } from "ws";

/** What a frame becomes on its way: itself, nothing, others, or the end of the connection. */
export type Tamper = (frame: ReceivedFrame) => readonly object[] | "cut";

export interface TamperingProxy extends AsyncDisposable {
  readonly url: string;
}

/** Stands in front of a gateway and changes frames: `down` those of the server, `up` those of the client. */
export async function startTamperingProxy(
  target: string,
  { down = untouched, up = untouched }: { down?: Tamper; up?: Tamper },
): Promise<TamperingProxy> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: () => "hubbub.v1" });
  await once(server, "listening");
  server.on("connection", (client) => {
    const upstream = new WebSocket(target, "hubbub.v1", { perMessageDeflate: false });
    const early: string[] = [];
    upstream.once("open", () => {
      for (const text of early.splice(0)) upstream.send(text);
    });
    const pass = (frames: readonly object[] | "cut", send: (text: string) => void) => {
      if (frames === "cut") client.terminate();
      else for (const frame of frames) send(JSON.stringify(frame));
    };
    client.on("message", (data) => {
      const isOpen = upstream.readyState === WebSocket.OPEN;
      pass(up(JSON.parse(String(data))), (text) => (isOpen ? upstream.send(text) : early.push(text)));
    });
    upstream.on("message", (data) => pass(down(JSON.parse(String(data))), (text) => client.send(text)));
    client.once("close", () => upstream.terminate());
    upstream.once("close", () => client.terminate());
    upstream.on("error", () => client.terminate());
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    url: `ws://127.0.0.1:${address.port}/ws`,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, "close");
    },
  };
}

const untouched: Tamper = (frame) => [frame];
