import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster.ts";
import { startChromium } from "../services/chromium.ts";
import type { ClusterProcess } from "../supervised.ts";
import { createRoom, messages, onTheirWay, openRoom, say, type Visit, visit } from "./page-visit.ts";

/** The page behind a front with three gateways. */
let cluster: Cluster;
let browser: Browser;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startCluster({ gateways: 3, writers: 1 }), startChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await cluster?.stop();
});

const FRUIT = /apple|banana|cherry|damson|elder|fig/g;
const VISITORS_MAX = 12;

/** What a page shows, in its order. */
async function fruitOn(page: Page): Promise<readonly string[]> {
  return (await messages(page).textContent())?.match(FRUIT) ?? [];
}

async function connectionsOf({ port }: ClusterProcess): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^hubbub_connections (\d+)$/m.exec(metrics)?.[1]);
}

async function inUse(): Promise<readonly ClusterProcess[]> {
  const counts = await Promise.all(cluster.gateways.map(connectionsOf));
  return cluster.gateways.filter((_gateway, at) => (counts[at] ?? 0) > 0);
}

/** Somebody whom the front sends to a gateway that nobody else uses. */
async function arriveElsewhere(): Promise<Visit> {
  const before = (await inUse()).length;
  for (let at = 0; at < VISITORS_MAX; at += 1) {
    const visitor = await visit(browser, { url: cluster.url, name: `grace${at}` });
    if ((await inUse()).length > before) return visitor;
    await visitor.context.close();
  }
  throw new Error(`${VISITORS_MAX} visitors came to the same gateway`);
}

test("G1 G2 G3 two people on two gateways see each word once and in one order, when a gateway is killed and when the front is away", async () => {
  const ada = await visit(browser, { url: cluster.url, name: "ada" });
  const [gatewayOfAda] = await inUse();
  await createRoom(ada.page, "tea");
  const grace = await arriveElsewhere();
  await openRoom(grace.page, "tea");
  await say(ada.page, "apple");
  await messages(grace.page).getByText("apple").waitFor();
  await say(grace.page, "banana");
  await messages(ada.page).getByText("banana").waitFor();

  await gatewayOfAda?.kill();
  await say(ada.page, "cherry");
  await say(grace.page, "damson");
  await messages(ada.page).getByText("damson").waitFor();
  await messages(grace.page).getByText("cherry").waitFor();

  await cluster.nginx.kill();
  const banner = ada.page.locator("#banner", { hasText: "Connection lost" });
  await banner.waitFor();
  await say(ada.page, "elder");
  await onTheirWay(ada.page).getByText("elder").waitFor();
  await cluster.nginx.restart();
  await messages(grace.page).getByText("elder").waitFor({ timeout: 60_000 });
  await say(grace.page, "fig");
  await messages(ada.page).getByText("fig").waitFor();
  await banner.waitFor({ state: "hidden" });

  const said = await fruitOn(ada.page);
  expect([...said].sort()).toEqual(["apple", "banana", "cherry", "damson", "elder", "fig"]);
  expect(await fruitOn(grace.page)).toEqual(said);
  expect(await onTheirWay(ada.page).textContent()).toBe("");
  expect([...ada.faults, ...grace.faults].filter((fault) => !/WebSocket|ERR_|50[234]/.test(fault))).toEqual([]);
});
