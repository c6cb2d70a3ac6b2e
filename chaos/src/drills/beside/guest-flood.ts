import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { TEXT_MAX_BYTES } from "@hubbub/protocol";
import { WebSocket } from "ws";
import type { Attack, Target } from "./attack.ts";
import { ATTACKER_ADDRESS, AttackerHttp, hammer } from "./attacker-http.ts";

const connections = 8;
const callsAtOnce = 4;
const framesAtOnce = 16;
const pauseMs = 1;
/** Unsent bytes of a connection with which the flood waits for the server. */
const unsentMaxBytes = 262_144;
const helloMs = 5_000;

export const guestFlood: Attack = {
  name: "guest-flood",
  does: `one guest floods publishes of the largest size and typing over ${connections} connections, posts, joins and leaves over HTTP`,
  async strike(target, signal, count) {
    using http = new AttackerHttp(target);
    await Promise.all([
      ...Array.from({ length: connections }, () => floodFrames(target, signal, count)),
      hammer(callsAtOnce, signal, async (turn) => {
        const { status } = await (turn % 2 === 0
          ? http.call("POST", `/rooms/${target.room}/messages`, { id: randomUUID(), text: "x".repeat(TEXT_MAX_BYTES) })
          : http.call("POST", `/rooms/${target.room}/${turn % 4 === 1 ? "join" : "leave"}`));
        count(`http ${status}`);
      }),
    ]);
  },
};

/** Frames as fast as they leave; a connection that is closed is opened again. */
async function floodFrames(target: Target, signal: AbortSignal, count: (what: string) => void): Promise<void> {
  const text = "x".repeat(TEXT_MAX_BYTES);
  while (!signal.aborted) {
    const socket = new WebSocket(target.wsUrl, "hubbub.v1", {
      localAddress: ATTACKER_ADDRESS,
      perMessageDeflate: false,
    });
    socket.on("error", () => undefined);
    socket.on("message", (data) =>
      count(
        String(data)
          .slice(0, 80)
          .match(/"(?:type|code)":"(?!error)([a-z_]+)"/)?.[1] ?? "frame",
      ),
    );
    const open = new Promise<boolean>((resolve) => {
      socket.once("open", () => resolve(true));
      socket.once("close", () => resolve(false));
      setTimeout(() => resolve(false), helloMs).unref();
    });
    if (await open) {
      let ref = 0;
      socket.send(JSON.stringify({ type: "hello", ref, token: target.accessToken }));
      while (!signal.aborted && socket.readyState === WebSocket.OPEN) {
        for (let sent = 0; sent < framesAtOnce && socket.bufferedAmount < unsentMaxBytes; sent += 1) {
          ref += 1;
          const frame =
            ref % 2 === 0
              ? { type: "typing", room: target.room }
              : { type: "publish", ref, room: target.room, id: randomUUID(), text };
          socket.send(JSON.stringify(frame));
        }
        await sleep(pauseMs);
      }
    }
    socket.terminate();
    await sleep(pauseMs);
  }
}
