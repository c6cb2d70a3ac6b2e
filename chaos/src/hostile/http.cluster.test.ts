import { type Embedded, type NginxService, startEmbedded, startNginx } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toJson, toMarkdown } from "../attack/report.ts";
import { runAttack } from "../attack/run-attack.ts";
import { exchange } from "./exchange.ts";
import { type HttpCase, httpCases, ORIGIN } from "./http-cases.ts";
import { printTable } from "./table.ts";

/**
 * Requests that are wrong on purpose, to a process alone and through nginx. A process alone is laxer than nginx: it is
 * not meant to be reached from outside without one, and says so in the table.
 */
let server: Embedded;
let nginx: NginxService;
beforeAll(async () => {
  server = await startEmbedded({ TRUSTED_PROXIES: "127.0.0.1", ALLOWED_ORIGINS: ORIGIN });
  const port = Number(new URL(server.url).port);
  nginx = await startNginx({ gateways: [port], apis: [port] });
});
afterAll(async () => {
  await nginx?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

interface Seen extends HttpCase {
  readonly sawDirect: string;
  readonly sawNginx: string;
}

test("G8 every wrong request is answered by its code or cut, and the process serves on", async () => {
  const { port } = new URL(server.url);
  const seen: Seen[] = await Promise.all(
    httpCases.map(async (one) => {
      const [sawDirect, sawNginx] = await Promise.all([
        exchange(Number(port), one.writes),
        exchange(nginx.port, one.writes),
      ]);
      return { ...one, sawDirect, sawNginx };
    }),
  );
  report(seen);
  const wrong = seen.filter(({ direct, nginx: front, ...saw }) => direct !== saw.sawDirect || front !== saw.sawNginx);
  expect(wrong.map(({ says, sawDirect, sawNginx }) => ({ says, sawDirect, sawNginx }))).toEqual([]);
  expect(server.output).not.toContain("request failed");
  for (const url of [server.url, nginx.url]) expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

/** One row for what came out alike. */
function report(seen: readonly Seen[]): void {
  const alike = new Map<string, Seen[]>();
  for (const one of seen) {
    const key = `${one.sawDirect}|${one.sawNginx}`;
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  const rows = [...alike.values()].map((ones) => ({
    count: ones.length,
    direct: ones[0]?.sawDirect ?? "",
    "through nginx": ones[0]?.sawNginx ?? "",
    requests: ones.map(({ says }) => says).join("; "),
  }));
  printTable(`HTTP: ${seen.length} wrong or odd requests, each to a process and through nginx`, rows);
}

test("npm run attack: everything holds at a strict server behind nginx", async () => {
  const attack = async (url: string, only: string) => {
    // The others wait for time-outs; slow.drills.test.ts and rfc6455.cluster.test.ts try the same.
    const without = ["slowloris", "RFC 6455, frame by frame", "wrong and odd requests"];
    return await runAttack({ url: new URL(url), only, without, print: () => undefined });
  };
  const results = await attack(nginx.url, "");
  expect(
    results.filter(({ verdict }) => verdict === "broken").map(({ probe, saw }) => `${probe.name}: ${saw}`),
  ).toEqual([]);
  expect(results.filter(({ verdict }) => verdict === "held").length).toBeGreaterThan(15);
  const markdown = toMarkdown(new URL(nginx.url), new Date(), results);
  expect(markdown).toMatch(/^\| V4\.4\.2 \| a WebSocket of a foreign page \| 403 \| held \|/m);
  expect(JSON.parse(toJson(new URL(nginx.url), new Date(), results))).toMatchObject({ held: true });
});
