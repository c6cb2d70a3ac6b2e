import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { centrifugoResume } from "./centrifugo-resume.ts";
import { hubbubResume } from "./hubbub-resume.ts";
import type { ResumeDialect } from "./resume-dialect.ts";
import { ReturningClient } from "./returning-client.ts";

const ROOM = "00000000-0000-7000-8000-000000000001";
const event = (seq: number, epoch = 1) =>
  `{"type":"event","room":"${ROOM}","epoch":${epoch},"seq":${seq},"at":5,"by":{}}`;
const subscribed = (head: number, epoch: number, recovered: boolean) =>
  JSON.stringify({ type: "subscribed", ref: 2, room: ROOM, epoch, head, recovered });
const publication = (offset: number) => `{"push":{"channel":"bench:000001","pub":{"data":{},"offset":${offset}}}}`;

/** A server that answers what it is sent by the script of that connection, and breaks each connection when told to. */
async function serve(scripts: readonly (readonly (readonly string[])[])[]) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const received: unknown[] = [];
  const sockets: WebSocket[] = [];
  server.on("connection", (socket) => {
    const script = [...(scripts[sockets.length] ?? [])];
    sockets.push(socket);
    socket.on("message", (data) => {
      received.push(JSON.parse(String(data)));
      for (const text of script.shift() ?? []) socket.send(text);
    });
  });
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, received, sockets };
}

/** Goes in, is thrown out, comes back. */
async function comeBack(dialect: ResumeDialect, scripts: Parameters<typeof serve>[0], throwOutAt: number) {
  const { port, received, sockets } = await serve(scripts);
  const home = { port, localAddress: "127.0.0.1" };
  const client = new ReturningClient(dialect, { token: "t", room: ROOM }, home);
  onTestFinished(() => client.end());
  const live = () => new Promise<void>((resolve) => (client.onLive = resolve));
  const first = live();
  client.connect(home, 0);
  await first;
  await expect.poll(() => client.seq).toBe(throwOutAt);
  const again = live();
  client.onBroken = () => client.connect(home, 0);
  sockets[0]?.terminate();
  await again;
  return { client, received };
}

test("a client of Hubbub resumes from its last event and its epoch, and counts what is missing", async () => {
  const ready = [JSON.stringify({ type: "ready", ref: 1 })];
  const before = [ready, [subscribed(0, 0, false), event(1), event(2)]];
  const whole = await comeBack(hubbubResume, [before, [ready, [event(3), event(4), subscribed(4, 1, true)]]], 2);
  expect(whole.received.at(-1)).toMatchObject({ type: "subscribe", since: { seq: 2, epoch: 1 } });
  expect(whole.client.faults).toEqual({ order: 0, unrecovered: 0 });
  expect(whole.client.seq).toBe(4);
  const hole = await comeBack(hubbubResume, [before, [ready, [event(4), subscribed(4, 1, true)]]], 2);
  expect(hole.client.faults).toEqual({ order: 1, unrecovered: 0 });
  const lost = await comeBack(hubbubResume, [before, [ready, [subscribed(4, 1, false)]]], 2);
  expect(lost.client.faults).toEqual({ order: 0, unrecovered: 1 });
});

test("a client of Centrifugo reads what it missed from the answer to its subscription", async () => {
  const connected = ['{"id":1,"connect":{"ping":25}}'];
  const before = [connected, [`{"id":2,"subscribe":{"epoch":"e"}}\n${publication(1)}\n${publication(2)}`]];
  const answer = (offsets: number[]) =>
    JSON.stringify({
      id: 2,
      subscribe: { epoch: "e", offset: 2, recovered: true, publications: offsets.map((offset) => ({ offset })) },
    });
  const whole = await comeBack(centrifugoResume, [before, [connected, [answer([3, 4])]]], 2);
  expect(whole.received.at(-1)).toMatchObject({ subscribe: { recover: true, offset: 2, epoch: "e" } });
  expect(whole.client.faults).toEqual({ order: 0, unrecovered: 0 });
  expect(whole.client.seq).toBe(4);
  const doubled = await comeBack(centrifugoResume, [before, [connected, [answer([2, 3])]]], 2);
  expect(doubled.client.faults).toEqual({ order: 1, unrecovered: 0 });
});
