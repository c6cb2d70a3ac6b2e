import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdapter as createPubSubAdapter } from "@socket.io/redis-adapter";
import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";
import { answerParent } from "../measure/child.ts";

/**
 * Socket.IO as its documentation sets it up: WebSocket only, no compression, a Redis adapter. A message goes to its
 * room, then its sender gets the acknowledgement, without waiting for Redis (that is what `emit` does there).
 */
interface Published {
  readonly room: string;
  readonly id: string;
  readonly text: string;
}

export type AdapterKind = "pub/sub" | "streams";

async function listen({ adapter, redisUrl }: { adapter: AdapterKind; redisUrl: string }): Promise<number> {
  const http = createServer();
  const redis = new Redis(redisUrl);
  const server = new Server(http, {
    transports: ["websocket"],
    serveClient: false,
    adapter:
      adapter === "streams"
        ? createStreamsAdapter(redis, { onlyPlaintext: true })
        : createPubSubAdapter(redis, redis.duplicate()),
  });
  server.on("connection", (socket) => {
    socket.on("join", async (rooms: string[], done: () => void) => {
      await socket.join(rooms);
      done();
    });
    socket.on("publish", (message: Published, done: () => void) => {
      server.to(message.room).emit("message", message);
      done();
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return (http.address() as AddressInfo).port;
}

answerParent({ listen });
