import { type Attack, endOf, enter, type Target, tally, times, tryConnect } from "./attack.ts";
import { encodeFrame, encodeText, OPCODE } from "./frame.ts";
import type { RawWs } from "./raw-ws.ts";

/** The limits that these attacks run into: small, so that little load reaches them. */
export const LIMITS = {
  FRAMES_PER_SECOND: "100",
  PUBLISHES_PER_SECOND: "20",
  SUBSCRIPTIONS_PER_CONNECTION: "10",
  CONNECTIONS_PER_ADDRESS: "60",
  UNAUTHENTICATED_PER_NODE: "100",
  HELLO_TIMEOUT_MS: "1500",
  BAD_FRAMES_MAX: "20",
};

const own = (at: number): string => `203.0.113.${at + 1}`;
const json = (frame: object): Buffer => encodeText(JSON.stringify(frame));

/** The answers to frames that were all sent at once, by type or error code, and how it ended. */
async function answersOf(ws: RawWs, bytes: Uint8Array, count: number): Promise<string[]> {
  await ws.write(bytes);
  const answers: string[] = [];
  while (answers.length < count) {
    const frame = await ws.next();
    if (frame === null || frame.opcode === OPCODE.close) return [...answers, await endOf(ws)];
    const answer: { type: string; code?: string } = JSON.parse(String(frame.payload));
    if (answer.type !== "durable" && answer.type !== "event") answers.push(answer.code ?? answer.type);
  }
  await ws.cut();
  return [...answers, "open"];
}

async function silent(target: Target): Promise<string[]> {
  const urls = [target.gatewayWs, target.nginxWs];
  const open = await Promise.all(times(40, (at) => tryConnect(urls[at % 2] ?? "", own(at))));
  return Promise.all(open.map((ws) => (typeof ws === "string" ? ws : endOf(ws))));
}

async function crowdOfStrangers({ gatewayWs }: Target): Promise<string[]> {
  const open = await Promise.all(times(150, (at) => tryConnect(gatewayWs, own(at))));
  return Promise.all(open.map((ws) => (typeof ws === "string" ? ws : endOf(ws))));
}

async function oneAddress(target: Target): Promise<string[]> {
  const open = await Promise.all(times(80, () => tryConnect(target.gatewayWs, own(0))));
  const outcomes = open.map((ws) => (typeof ws === "string" ? ws : "open"));
  await Promise.all(open.map((ws) => (typeof ws === "string" ? undefined : ws.cut())));
  return outcomes;
}

async function endless({ gatewayWs }: Target): Promise<string[]> {
  const open = await Promise.all(times(50, (at) => tryConnect(gatewayWs, own(at))));
  const begun = encodeText("x".repeat(60_000), { fin: false });
  const more = encodeFrame({ opcode: OPCODE.continuation, payload: "x".repeat(100), fin: false });
  return Promise.all(
    open.map(async (ws) => {
      if (typeof ws === "string") return ws;
      await ws.write(Buffer.concat([begun, more, more, more]));
      return endOf(ws);
    }),
  );
}

/** `count` connections that each send `bytes` at once. */
function flood(count: number, frames: (target: Target) => { bytes: Uint8Array; answers: number }) {
  return async (target: Target): Promise<string[]> => {
    const { bytes, answers } = frames(target);
    const open = await Promise.all(times(count, (at) => enter(target, own(at))));
    return (await Promise.all(open.map((ws) => answersOf(ws, bytes, answers)))).flat();
  };
}

async function publishes(target: Target): Promise<string[]> {
  const { id: room } = await target.attacker.createRoom();
  const frame = (at: number) => json({ type: "publish", ref: at, room, id: `flood-${at}`, text: "x" });
  const ws = await enter(target, own(0));
  return answersOf(ws, Buffer.concat(times(90, frame)), 90);
}

async function subscriptions(target: Target): Promise<string[]> {
  const rooms = await Promise.all(times(14, () => target.attacker.createRoom()));
  const frames = rooms.map(({ id: room }, ref) => json({ type: "subscribe", ref, room }));
  return answersOf(await enter(target, own(0)), Buffer.concat(frames), frames.length);
}

/** Each on a connection of its own, which is still to say hello. */
async function strangersSay({ gatewayWs }: Target, frame: Uint8Array, count: number): Promise<string[]> {
  const open = await Promise.all(times(count, (at) => tryConnect(gatewayWs, own(at))));
  const outcomes = await Promise.all(
    open.map(async (ws) => (typeof ws === "string" ? [ws] : await answersOf(ws, frame, 2))),
  );
  return outcomes.flat();
}

const deep = encodeText(`{"type":"ping","ref":${"[".repeat(8_000)}${"]".repeat(8_000)}}`);
const keys = json({ type: "ping", ref: 1, ...Object.fromEntries(times(1_000, (at) => [`k${at}`, at])) });
const repeated = (frame: Buffer, count: number) => () => ({
  bytes: Buffer.concat(times(count, () => frame)),
  answers: count,
});
const named = (name: string, run: (target: Target) => Promise<string[]>, expect: Attack["expect"]): Attack => ({
  name,
  run: async (target) => tally(await run(target)),
  expect,
});

export const webSocketAttacks: readonly Attack[] = [
  named("40 handshakes without hello, half through nginx", silent, { "close 4010": 40 }),
  named("150 handshakes at once without hello", crowdOfStrangers, { "close 4010": 100, "refused 503": 50 }),
  named("50 messages that never end, without hello", endless, { "close 4010": 50 }),
  named("80 connections of one address", oneAddress, { open: 60, "refused 429": 20 }),
  named("90 publishes at once", publishes, { ack: [20, 30], rate_limited: [60, 70], open: 1 }),
  named("10 times 20,000 frames", flood(10, repeated(json({ type: "ping", ref: 1 }), 20_000)), {
    // One user has the frames of five connections, and the refusals of two; then each connection is shut out.
    pong: [490, 1_500],
    rate_limited: [1_900, 3_000],
    "close 4008": 10,
  }),
  named("14 subscriptions", subscriptions, { subscribed: 10, too_many_subscriptions: 4, open: 1 }),
  named("5 times 40 frames that are no JSON", flood(5, repeated(encodeText("{"), 40)), {
    bad_frame: 105,
    "close 4502": 5,
  }),
  named("5 times 15 frames, 8,000 deep", flood(5, repeated(deep, 15)), { bad_frame: 75, open: 5 }),
  named("5 times 15 frames of 1,000 keys", flood(5, repeated(keys, 15)), { bad_frame: 75, open: 5 }),
  named("20 times 70 KB in a frame", flood(20, repeated(encodeText("x".repeat(70_000)), 1)), { cut: 20 }),
  named(
    "20 hellos with a token of 4 KiB",
    (target) => strangersSay(target, json({ type: "hello", ref: 1, token: "x".repeat(4_096) }), 20),
    {
      bad_token: 20,
      "close 4500": 20,
    },
  ),
  named("20 publishes before hello", (target) => strangersSay(target, json({ type: "ping", ref: 1 }), 20), {
    hello_required: 20,
    "close 4502": 20,
  }),
];
