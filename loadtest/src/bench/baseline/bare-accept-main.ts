import uWS, { type WebSocket } from "uWebSockets.js";
import { randomUUID } from "node:crypto";
import { encodeEventHead, type RoomId } from "@hubbub/protocol";
import { answerParent } from "../measure/child.ts";
import { RedisSocket, type Reply } from "./redis-socket.ts";

/**
 * What Node, uWebSockets.js and Redis need for an accept and nothing else: the server parses a frame, calls one script, hears the
 * message on a channel, publishes it to its connections and acknowledges. It checks no user, no member, no limit and no repeated
 * id, repairs nothing, and has one raw connection to Redis for calls and one for pub/sub. It speaks as much of Hubbub's protocol
 * as the generator needs.
 */
const MAX_BACKPRESSURE_BYTES = 64 * 1_024 * 1_024;
const HISTORY_EVENTS = "300";
/** Numbers the event, keeps it and publishes it. */
const SCRIPT = `
local seq = redis.call('INCR', KEYS[1])
local frame = ARGV[1] .. string.format('%d', seq) .. ARGV[2]
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${HISTORY_EVENTS}, '*', 'f', frame)
redis.call('PUBLISH', KEYS[3], frame)
return seq`;

interface UserData {
  isOpen: boolean;
}

interface Frame {
  readonly type: "hello" | "subscribe" | "publish";
  readonly ref: number;
  readonly room: RoomId;
  readonly id: string;
  readonly text: string;
}

const app = uWS.App();
const decoder = new TextDecoder();
const BY = JSON.stringify({ id: randomUUID(), name: "somebody" });
/** In the order of the calls, as Redis answers. */
const unanswered: ((seq: number) => void)[] = [];
const unconfirmed = new Map<string, (() => void)[]>();

async function listen({ redisUrl }: { redisUrl: string }): Promise<number> {
  const calls = await RedisSocket.open(redisUrl);
  const deliveries = await RedisSocket.open(redisUrl);
  const sha = await load(calls);
  calls.onReply = (reply) => {
    if (typeof reply !== "number") throw new Error(`Redis answered ${String(reply)}`);
    unanswered.shift()?.(reply);
  };
  deliveries.onReply = heard;
  app.ws<UserData>("/*", {
    compression: uWS.DISABLED,
    maxBackpressure: MAX_BACKPRESSURE_BYTES,
    upgrade(response, request, context) {
      response.upgrade<UserData>(
        { isOpen: true },
        request.getHeader("sec-websocket-key"),
        request.getHeader("sec-websocket-protocol"),
        request.getHeader("sec-websocket-extensions"),
        context,
      );
    },
    message(ws, message) {
      const frame = JSON.parse(decoder.decode(message)) as Frame;
      if (frame.type === "hello") ws.send('{"type":"ready"}');
      else if (frame.type === "subscribe") subscribe(deliveries, ws, frame.room);
      else publish(calls, sha, ws, frame);
    },
    close(ws) {
      ws.getUserData().isOpen = false;
    },
  });
  return await new Promise<number>((resolve, reject) => {
    app.listen("127.0.0.1", 0, (socket) => {
      if (socket === false) reject(new Error("the bare server could not listen"));
      else resolve(uWS.us_socket_local_port(socket));
    });
  });
}

function load(calls: RedisSocket): Promise<string> {
  return new Promise((resolve) => {
    calls.onReply = (reply) => resolve(String(reply));
    calls.send("SCRIPT", "LOAD", SCRIPT);
  });
}

function subscribe(deliveries: RedisSocket, ws: WebSocket<UserData>, room: RoomId): void {
  const waiting = unconfirmed.get(room) ?? [];
  unconfirmed.set(room, waiting);
  const user = ws.getUserData();
  waiting.push(() => {
    if (!user.isOpen) return;
    ws.subscribe(room);
    ws.send(`{"type":"subscribed","room":"${room}"}`);
  });
  deliveries.send("SUBSCRIBE", room);
}

/** Of pub/sub: kind, channel, and a message or a number. */
function heard(reply: Reply): void {
  const [kind, channel, message] = reply as readonly Reply[];
  if (String(kind) === "message") app.publish(String(channel), message as Buffer, false);
  else unconfirmed.get(String(channel))?.shift()?.();
}

function publish(calls: RedisSocket, sha: string, ws: WebSocket<UserData>, { ref, room, id, text }: Frame): void {
  const [head = "", tail = ""] = encodeEventHead(room, 1, 0, Date.now()).split('"seq":0');
  const body = `${tail},"by":${BY},"kind":"message","id":"${id}","text":${JSON.stringify(text)}}`;
  const user = ws.getUserData();
  unanswered.push((seq) => {
    if (user.isOpen) ws.send(`{"type":"ack","ref":${ref},"room":"${room}","epoch":1,"seq":${seq}}`);
  });
  calls.send("EVALSHA", sha, "3", `head:${room}`, `tail:${room}`, room, `${head}"seq":`, body);
}

answerParent({ listen });
