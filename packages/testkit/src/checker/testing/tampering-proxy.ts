import { once } from "node:events";
import { WebSocket, WebSocketServer } from "ws";
import type { ReceivedFrame } from "../../frame-queue.ts";

/** What a frame becomes on its way: itself, nothing, or others. */
export type Tamper = (frame: ReceivedFrame) => readonly object[];

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
    client.on("message", (data) => {
      for (const frame of up(JSON.parse(String(data)))) {
        if (upstream.readyState === WebSocket.OPEN) upstream.send(JSON.stringify(frame));
        else early.push(JSON.stringify(frame));
      }
    });
    upstream.on("message", (data) => {
      for (const frame of down(JSON.parse(String(data)))) client.send(JSON.stringify(frame));
    });
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
