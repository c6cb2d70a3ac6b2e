import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster.ts";
import { query } from "../database.ts";
import { startChromium } from "../services/chromium.ts";
import type { ClusterProcess } from "../supervised.ts";
import { barriers, createRoom, messages, onTheirWay, openRoom, say, type Visit, visit } from "./page-visit.ts";

/** The page behind a front with three gateways. */
let cluster: Cluster;
let browser: Browser;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([
    startCluster({ gateways: 3, writers: 1, zones: ["a", "b"] }),
    startChromium(),
  ]);
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

const shot = async (page: Page, name: string): Promise<void> => {
  const folder = process.env["SHOTS"];
  if (!folder) return;
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png` });
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
};

/** An hour of today and the same one of yesterday, as a gateway would have left it. */
const HOURS = `
  insert into hubbub.stats_1m (minute, node, connections, rooms, accepted, delivered, stored, refused, cpu, loop, memory,
    accept_p50, accept_p99, unstored, lag, busiest)
  select date_trunc('minute', now()) - day * interval '1 day' - ago * interval '1 minute', $1,
    wave * 1800, 120, wave * 90, wave * 2400, 0, 0, wave * 0.4, wave * 0.35, 1.4e8 + wave * 3e7,
    1.5 + wave, 6 + wave * 9, wave * 12, 0, jsonb_build_object($2::text, wave * 30)
  from generate_series(0, 1) day, generate_series(2, 60) ago,
    lateral (select 1 + 0.3 * sin(ago / 9.0 + day) + 0.05 * sin(ago * 2.1) - 0.25 * day as wave) w
  on conflict do nothing`;

const heading = (page: Page, text: string) => page.locator("h1", { hasText: text }).waitFor();
const rowOf = (page: Page, text: string) => page.locator("tbody tr", { hasText: text });

test("an operator goes from the cluster to a process, a room and a connection, sees who is silent, and others are told what they lack", async () => {
  // The gateway that was killed is back.
  await cluster.ready();
  const olga = await visit(browser, { url: cluster.url, name: "olga" });
  const { page } = olga;
  await openRoom(page, "tea");
  const room = new URL(page.url()).hash.slice(1);
  const [inside] = await inUse();
  await query(cluster.databaseUrl, HOURS, [inside?.name, room]);
  await page.goto(`${cluster.url}/admin`);
  await page.locator("[role=alert]", { hasText: "This needs a server role, which an operator grants" }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await cluster.command("admin", "grant", "olga", "admin");

  const gateways = cluster.gateways.map(({ name }) => name);
  for (const name of gateways) await rowOf(page, name).waitFor();
  await page.locator(".freshness", { hasText: "Live" }).waitFor();
  const press = (name: string) => page.locator(".zones button", { hasText: name }).first().click();
  const zone = page.locator(".zones tr", { hasText: "Drain" }).nth(1);
  await press("Rebalance");
  expect(await barriers(page)).toEqual([]);
  await press("Rebalance");
  await page.locator(".order", { hasText: "No gateway is far above the mean" }).waitFor();
  await zone.locator("button").click();
  await zone.locator("button.danger").click();
  const drained = rowOf(page, "Serve again");
  await drained.locator(".draining").waitFor();
  await drained.locator("button").click();
  await drained.locator("button.danger").click();
  await drained.waitFor({ state: "detached" });
  const gone = cluster.gateways.find(({ name }) => name !== inside?.name);
  await gone?.hold("SIGKILL");
  await rowOf(page, gone?.name ?? "")
    .locator(".silent", { hasText: "silent since" })
    .waitFor();
  expect(await rowOf(page, "writer").count()).toBe(1);
  await shot(page, "admin");
  expect(await barriers(page)).toEqual([]);

  await rowOf(page, inside?.name ?? "")
    .locator("a")
    .click();
  await heading(page, inside?.name ?? "");
  // The first move of each piece begins a line: yesterday's is one, and without a gap.
  const yesterday = page.locator(".chart", { hasText: "Messages a second" }).locator(".line.yesterday");
  await expect.poll(() => yesterday.getAttribute("d")).toMatch(/^M[^M]{500,}$/);
  await shot(page, "admin-process");
  expect(await barriers(page)).toEqual([]);

  const grace = await visit(browser, { url: cluster.url, name: "hanna" });
  await openRoom(grace.page, "tea");
  await page.goto(`${cluster.url}/admin#/room/${room}`);
  await heading(page, "tea");
  const serving = page.locator("td a").first();
  await serving.waitFor();
  await shot(page, "admin-room");
  expect(await barriers(page)).toEqual([]);
  await serving.click();
  await heading(page, "Connections");
  await page
    .locator("tbody a", { hasText: /ada|grace|hanna/ })
    .first()
    .waitFor();
  await shot(page, "admin-connections");
  expect(await barriers(page)).toEqual([]);
  await page
    .locator("tbody a", { hasText: /ada|grace|hanna/ })
    .first()
    .click();
  await page.locator(".about", { hasText: "Of one user" }).waitFor();
  expect(await page.locator("tbody tr").first().textContent()).toContain("127.0.x.x");

  await page.locator("nav a", { hasText: "Audit" }).click();
  await page.selectOption("select", "connections_read");
  await page
    .getByText(/olga looked at connections of (ada|grace|hanna)/)
    .first()
    .waitFor();
  await shot(page, "admin-audit");
  expect(await barriers(page)).toEqual([]);
  await page.locator("nav a", { hasText: "Reports" }).click();
  await page.getByText("No report waits.").waitFor();
  await page.locator("nav a", { hasText: "Users" }).click();
  await page.fill("[name=search]", "hann");
  await page.press("[name=search]", "Enter");
  await page.locator("tbody a", { hasText: "hanna" }).waitFor();
  expect(await barriers(page)).toEqual([]);
  gone?.release();
  expect(olga.faults.filter((fault) => !/40[39]/.test(fault))).toEqual([]);
});
