import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { Person, publish } from "../people.ts";
import { startChromium } from "../services/chromium.ts";
import { costOf, FAST, fakeHistory, fling, pause, sayMany, scrollAndWatch, WATCH_ROWS } from "./page-frames.ts";
import { barriers, createRoom, isIn, messages, openRoom, say, visit } from "./page-visit.ts";

/** The list of messages: what is read keeps its place, and frames are kept. */
let server: Embedded;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startEmbedded(FAST), startChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** CPU seconds of the page for 600 messages that come, and for four flings of 60 frames. */
const LIVE_CPU_S = 4;
const DEEP_CPU_S = 8;

const arrive = (name: string) => visit(browser, { url: server.url, name });
/** How far the end of the conversation is out of sight, in pixels. */
const belowSight = (page: Page): Promise<number> =>
  page.evaluate("{ const s = document.querySelector('#scroll'); s.scrollHeight - s.scrollTop - s.clientHeight }");

/** The first message in sight, and how far below the top of the conversation it ends. */
const FIRST_IN_SIGHT = `{
  const { top } = document.querySelector("#scroll").getBoundingClientRect();
  const row = [...document.querySelectorAll("#items .item")].find((one) => one.getBoundingClientRect().bottom > top + 1);
  ({ seq: row.dataset.seq, end: row.getBoundingClientRect().bottom - top });
}`;

test("what is read keeps its place when earlier messages come, and only messages near it are elements", async () => {
  const { page, faults } = await arrive("historian");
  await createRoom(page, "past");
  for (let index = 0; index < 80; index += 1) await say(page, `message ${index} ${"long ".repeat(index % 40)}`);
  await messages(page).getByText("message 79").waitFor();
  await page.reload();
  await isIn(page, "past");
  await expect.poll(() => belowSight(page)).toBeLessThan(2);
  expect(await page.locator("#items .item").count()).toBeLessThan(40);
  let letCome = (): void => undefined;
  const mayCome = new Promise<void>((resolve) => {
    letCome = resolve;
  });
  await page.route(/before=/, async (route) => {
    await mayCome;
    await route.continue();
  });
  // As a user does: until then the list keeps itself at its end while rows are measured.
  await page.hover("#scroll");
  await page.mouse.wheel(0, -100_000);
  await page.locator("#older", { hasText: "Loading" }).waitFor();
  await page.evaluate("document.querySelector('#scroll').scrollTop = 0");
  const before = await page.evaluate<{ seq: string; end: number }>(FIRST_IN_SIGHT);
  letCome();
  await page.locator("#older").waitFor({ state: "hidden" });
  await page.locator(`[data-seq="${Number(before.seq) - 1}"]`).waitFor({ state: "attached" });
  // Its name and the date above it may be with an earlier message now: its end is what must not move.
  const moved = async (): Promise<number> => {
    const row = await page.locator(`[data-seq="${before.seq}"]`).boundingBox();
    const list = await page.locator("#scroll").boundingBox();
    return Math.abs((row?.y ?? 0) + (row?.height ?? 0) - (list?.y ?? 0) - before.end);
  };
  await expect.poll(moved).toBeLessThan(2);
  await say(page, "the end");
  await expect.poll(() => belowSight(page)).toBeLessThan(2);
  expect(faults).toEqual([]);
});

test("600 messages are read from the first unread one, from a link and from a date, and nothing jumps", async () => {
  const host = await Person.arrive(server.url);
  const room = await host.createRoom();
  const ws = await host.connect(server.wsUrl);
  const { page } = await arrive("latecomer");
  await page.fill("#room-search", room.name);
  await openRoom(page, room.name);
  await say(page, "I was here");
  await messages(page).getByText("I was here").waitFor();
  await createRoom(page, "next door");
  for (let said = 0; said < 600; said += 50) await sayMany(ws, room.id, said, 50);
  await page.reload();
  await isIn(page, "next door");
  await page.locator("#room-list button", { hasText: room.name }).click();
  await isIn(page, room.name);
  await page.locator("#to-unread").waitFor();
  expect(await barriers(page)).toEqual([]);
  if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/unread.png` });

  await page.evaluate(WATCH_ROWS);
  expect(await scrollAndWatch(page, -150, 40)).toBeLessThanOrEqual(2);
  expect(await page.evaluate<number>("watched.seen.size")).toBeGreaterThan(60);

  await page.click("#to-unread");
  await page.locator(".unread-line").waitFor();
  await page.locator("#to-unread").waitFor({ state: "detached" });
  const first = messages(page).locator(".item", { hasText: "message 0 " });
  await first.waitFor();
  await publish(ws, room.id, "meanwhile");
  await page.locator("#newest", { hasText: "1 new message" }).waitFor();
  if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/unread-line.png` });
  await page.locator(".item.found").waitFor({ state: "detached" });
  expect(await scrollAndWatch(page, 150, 40)).toBeLessThanOrEqual(2);
  await page.click("#newest");
  await messages(page).getByText("meanwhile").waitFor();
  await expect.poll(() => belowSight(page)).toBeLessThan(2);

  await page.evaluate(`location.hash = "#${room.id}/300"`);
  await page.locator('.item.found[data-seq="300"]').waitFor();
  expect(await page.evaluate("location.hash")).toBe(`#${room.id}`);
  // Nothing pulls back those who scroll on before the rows around the message are measured.
  await page.evaluate(`location.hash = "#${room.id}/150"`);
  expect(await scrollAndWatch(page, 150, 20, '.item.found[data-seq="150"]')).toBeLessThanOrEqual(2);
  // While it is marked its colours change.
  await page.locator(".item.found").waitFor({ state: "detached" });
  await page.click("#room-menu");
  await page.locator("#message-menu button", { hasText: "Jump to a date" }).click();
  await page.fill("#date-day", "2020-01-31");
  expect(await barriers(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await messages(page).getByText("I was here").waitFor();
  await ws.close();
});

test("the page keeps its frames while 200 messages a second come, and in a room of 100,000", async () => {
  const host = await Person.arrive(server.url);
  const room = await host.createRoom();
  const ws = await host.connect(server.wsUrl);
  const { page, context } = await arrive("gazer");
  await page.fill("#room-search", room.name);
  await openRoom(page, room.name);
  const flood = async (): Promise<void> => {
    for (let said = 0; said < 600; said += 20) await Promise.all([sayMany(ws, room.id, said, 20), pause(page, 100)]);
  };
  const live = await costOf(context, page, flood);
  await messages(page).getByText("message 599 ").waitFor();
  await expect.poll(() => belowSight(page)).toBeLessThan(2);
  await ws.close();

  await fakeHistory(context, 100_000);
  await createRoom(page, "deep");
  await page.evaluate("location.hash += '/50000'");
  await page.locator('.item[data-seq="50000"]').waitFor();
  const deep = await costOf(context, page, async () => {
    for (const px of [-400, -400, 400, 400]) await fling(page, px);
  });
  console.log(JSON.stringify({ live, deep }));
  expect(await page.locator("#items .item").count()).toBeLessThan(120);
  expect(live.cpuS).toBeLessThan(LIVE_CPU_S);
  expect(deep.cpuS).toBeLessThan(DEEP_CPU_S);
});
