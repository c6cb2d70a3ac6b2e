import {
  type Embedded,
  type NginxService,
  Person,
  publish,
  receive,
  startEmbedded,
  startNginx,
  subscribe,
  type WsClient,
} from "@hubbub/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runAttack } from "../attack/run-attack.ts";
import { connectRaw, type RawWs } from "./raw-ws.ts";
import { play, type RfcCase } from "./rfc-case.ts";
import { framingCases } from "./rfc-framing.ts";
import { textAndCloseCases } from "./rfc-text-and-close.ts";
import { printTable } from "./table.ts";

/**
 * RFC 6455 by bytes, at a gateway and at nginx in front of it. What happens is in the tables of cases, also where it is
 * not what the RFC asks for: the WebSocket layer cuts the connection at a broken frame and sends no close frame.
 */
let server: Embedded;
let nginx: NginxService;
let ada: Person;
let room: string;
const fronts: Record<string, string> = {};
const seen: Seen[] = [];

interface Seen extends RfcCase {
  readonly front: string;
  readonly saw: string;
}

beforeAll(async () => {
  server = await startEmbedded({
    TRUSTED_PROXIES: "127.0.0.1",
    FRAMES_PER_SECOND: "10000",
    PUBLISHES_PER_SECOND: "1000",
    PUBLISHES_PER_SECOND_PER_USER: "10000",
  });
  const port = Number(new URL(server.url).port);
  nginx = await startNginx({ gateways: [port], apis: [port] });
  fronts["gateway"] = server.wsUrl;
  fronts["nginx"] = `${nginx.url.replace("http", "ws")}/ws`;
  ada = await Person.arrive(server.url);
  room = (await ada.createRoom()).id;
});
afterAll(async () => {
  report();
  await nginx?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

async function greeted(url: string): Promise<RawWs> {
  const ws = await connectRaw(url);
  await ws.send({ type: "hello", ref: 1, token: ada.tokens.accessToken });
  const ready = await ws.nextJson();
  if (ready.type !== "ready") throw new Error(`not greeted: ${JSON.stringify(ready)}`);
  return ws;
}

const cases = [...framingCases, ...textAndCloseCases];
const groupOf = ({ id }: RfcCase): string => id.split(/[. ]/, 1).join("");
const groups = [...new Set(cases.map(groupOf))];

describe.each(["gateway", "nginx"])("G8 RFC 6455 at the %s", (front) => {
  let neighbour: WsClient;
  beforeAll(async () => {
    neighbour = await ada.connect(fronts[front] ?? "");
    await subscribe(neighbour, room);
  });
  afterAll(() => neighbour?.close());

  test.each(groups)("group %s: each case ends as listed, and a neighbour is served after each", async (group) => {
    const played: Seen[] = [];
    for (const one of cases.filter((each) => groupOf(each) === group)) {
      const ws = await greeted(fronts[front] ?? "");
      played.push({ ...one, front, saw: await play(one, ws) });
      await ws.cut();
      // The neighbour's connection is as old as the group: the process has not died meanwhile either.
      const { seq } = await publish(neighbour, room, one.id);
      expect(await receive(neighbour, 1)).toMatchObject([{ seq, text: one.id }]);
    }
    seen.push(...played);
    const wrong = played.filter(({ saw, expect: wanted }) => saw !== wanted);
    expect(wrong.map(({ id, says, saw }) => `${id} ${says}: ${saw}`)).toEqual([]);
  });
});

test("npm run attack: a server that takes every origin and high rates is told so", async () => {
  const url = new URL(fronts["gateway"]?.replace("ws", "http").replace("/ws", "") ?? "");
  const attack = async (only: string) => await runAttack({ url, only, print: () => undefined });
  expect(await attack("of a foreign page")).toMatchObject([{ verdict: "broken" }, { verdict: "broken" }]);
  expect(await attack("frames at once")).toMatchObject([{ verdict: "held" }]);
});

/** One row for the cases of a group that came out alike, at both fronts. */
function report(): void {
  const alike = new Map<string, Seen[]>();
  for (const one of seen) {
    const key = JSON.stringify([groupOf(one), echoed(one), one.deviates]);
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  const rows = [...alike.values()].map((ones) => {
    const [first, last] = [ones[0], ones.at(-1)];
    const count = ones.filter(({ front }) => front === "gateway").length;
    return {
      cases: first?.id === last?.id ? `${first?.id}` : `${first?.id} to ${last?.id}`,
      gateway: count,
      nginx: ones.length - count,
      says: `${first?.says}${count > 1 ? " …" : ""}`,
      saw: first === undefined ? "" : shortened(echoed(first)),
      "RFC 6455 asks for": first?.deviates ?? "that",
    };
  });
  const deviating = seen.filter(({ deviates }) => deviates !== undefined).length;
  printTable(`RFC 6455: ${seen.length} cases played, ${deviating} come out otherwise than it asks for`, rows);
}

/** The code of a close frame that a client's own close frame brought about. */
function echoed({ id, saw }: Seen): string {
  return id.startsWith("7.") ? saw.replace(/close \d+$/, "close with its code") : saw;
}

function shortened(text: string): string {
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
}
