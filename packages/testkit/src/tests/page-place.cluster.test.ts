import { ANNOUNCEMENTS_ROOM as room } from "@hubbub/protocol";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { Person, publish } from "../people.ts";
import { startChromium } from "../services/chromium.ts";
import { startNginxPrefix } from "../services/nginx-prefix.ts";
import { FAST } from "./page-frames.ts";
import { barriers, createRoom, enter, isIn, messages, openRoom, say, visit } from "./page-visit.ts";

/** The page in its surroundings: window, keyboard, scripts of the world, storage, network, the path of a proxy. */
let server: Embedded;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startEmbedded(FAST), startChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const arrive = (name: string) => visit(browser, { url: server.url, name });
/** How far the end of the conversation is out of sight, in pixels. */
const belowSight = (page: Page): Promise<number> =>
  page.evaluate("{ const s = document.querySelector('#scroll'); s.scrollHeight - s.scrollTop - s.clientHeight }");
const heightOf = async (page: Page, selector: string): Promise<number> =>
  (await page.locator(selector).last().boundingBox())?.height ?? 0;

/** Without a pointer that hovers, the menu of a message stands in the row of its text, and the camera beside the box. */
async function isHandy(context: BrowserContext, page: Page): Promise<void> {
  const devtools = await context.newCDPSession(page);
  await devtools.send("Emulation.setTouchEmulationEnabled", { enabled: true });
  const metrics = { width: 390, height: 760, deviceScaleFactor: 1, mobile: true };
  await devtools.send("Emulation.setDeviceMetricsOverride", metrics);
  await page.locator("#camera").waitFor();
  expect(await heightOf(page, "#items .item:not(.first)")).toBeLessThan(40);
  expect(await messages(page).locator(".menu-button").last().isVisible()).toBe(true);
  await devtools.send("Emulation.setTouchEmulationEnabled", { enabled: false });
  await devtools.detach();
}

test("only the panes scroll, and the end stays in view when the window shrinks or an own message is sent", async () => {
  const { page, context } = await arrive("reader");
  await page.setViewportSize({ width: 390, height: 760 });
  await createRoom(page, "long");
  for (let index = 0; index < 60; index += 1) await say(page, `message ${index}`);
  await messages(page).getByText("message 59").waitFor();
  const scrollY = await page.evaluate("scrollTo(0, 900); document.documentElement.scrollTop + scrollY");
  expect(scrollY).toBe(0);
  // A keyboard comes up.
  await page.setViewportSize({ width: 390, height: 420 });
  await expect.poll(() => belowSight(page)).toBeLessThan(2);
  // The window shrinks before the page hears that it has scrolled.
  await page.evaluate(
    "{ const s = document.querySelector('#scroll'); s.scrollTop -= 10; s.scrollTop += 10; s.style.maxHeight = '150px' }",
  );
  await expect.poll(() => belowSight(page)).toBeLessThan(2);
  await page.evaluate("document.querySelector('#scroll').style.maxHeight = ''");
  await expect.poll(() => belowSight(page)).toBeLessThan(2);
  await page.evaluate("document.querySelector('#scroll').scrollTop = 0");
  await expect.poll(() => belowSight(page)).toBeGreaterThan(500);
  await say(page, "back at the end");
  await messages(page).getByText("back at the end").waitFor();
  await expect.poll(() => belowSight(page)).toBeLessThan(2);
  await isHandy(context, page);
});

test("a wall of text has a bounded height until it is asked for", async () => {
  const { page } = await arrive("builder");
  await createRoom(page, "walls");
  await page.locator("#compose-text").focus();
  await page.keyboard.insertText(`top${"\n.".repeat(1_000)}\nbottom`);
  await page.keyboard.press("Enter");
  await messages(page).getByText("bottom").waitFor();
  expect(await heightOf(page, "#items .text")).toBeLessThan(600);
  await messages(page).getByRole("button", { name: "Show more" }).click();
  expect(await heightOf(page, "#items .text")).toBeGreaterThan(10_000);
  await messages(page).getByRole("button", { name: "Show less" }).click();
  await say(page, `short ${"x".repeat(420)}`);
  await messages(page).getByText("short").waitFor();
  expect(await messages(page).getByRole("button", { name: "Show more" }).count()).toBe(1);
});

test("texts and names are read in their own direction; Enter of an input method does not send", async () => {
  const { page } = await arrive("polyglot");
  await createRoom(page, "שיחה");
  await say(page, "שלום, מה שלומך?");
  await messages(page).getByText("שלום").waitFor();
  const direction = (selector: string) =>
    page.evaluate<string>(`getComputedStyle([...document.querySelectorAll("${selector}")].at(-1)).direction`);
  await page.fill("#compose-text", "שלום");
  for (const selector of ["#items .text", "#talk-name", "[aria-current=true] .room-name", "#compose-text"])
    expect.soft(await direction(selector), selector).toBe("rtl");
  // Safari: the composition has ended when the key that ended it is told.
  const wasTaken = await page.evaluate(`{
    const box = document.querySelector("#compose-text");
    const key = new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true });
    box.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
    box.dispatchEvent(key);
    key.defaultPrevented;
  }`);
  expect(wasTaken).toBe(false);
  expect(await page.inputValue("#compose-text")).toBe("שלום");
});

test("the loss of the network is said at once; news is counted in the title and marked in the list", async () => {
  const host = await Person.arrive(server.url);
  const room = await host.createRoom();
  const ws = await host.connect(server.wsUrl);
  const { page, context } = await arrive("commuter");
  await page.fill("#room-search", room.name);
  await openRoom(page, room.name);
  await createRoom(page, "elsewhere");
  await publish(ws, room.id, "news");
  await page.locator("#room-list button", { hasText: room.name }).getByText("new messages").waitFor();
  expect(await page.title()).toBe("(1) elsewhere · Hubbub");
  await page.fill("#room-search", "");
  await openRoom(page, room.name);
  await expect.poll(() => page.title()).toBe(`${room.name} · Hubbub`);
  await openRoom(page, "elsewhere");
  await expect.poll(() => page.title()).toBe("elsewhere · Hubbub");
  await openRoom(page, room.name);
  await context.setOffline(true);
  await page.locator("#banner", { hasText: "You are offline" }).waitFor({ timeout: 3_000 });
  await publish(ws, room.id, "said meanwhile");
  await say(page, "said offline");
  await context.setOffline(false);
  await page.locator("#banner:empty").waitFor({ state: "attached" });
  await messages(page).getByText("said offline").waitFor();
  expect(await messages(page).textContent()).toMatch(/said meanwhile[\s\S]*said offline/);
  await ws.close();
});

/** Notifications that the browser shows, which nobody sees without a window. */
const WATCH_NOTIFICATIONS = `{
  globalThis.notes = [];
  globalThis.Notification = class extends Notification {
    constructor(title, options) {
      super(title, options);
      this.addEventListener("show", () => notes.push(this));
      this.addEventListener("close", () => notes.splice(notes.indexOf(this), 1));
    }
  };
}`;

test("rooms stand in sections with counts of what is new; star, level and what is collapsed last", async () => {
  const host = await Person.arrive(server.url);
  const [tea, talk] = [await host.createRoom(), await host.createRoom()];
  const ws = await host.connect(server.wsUrl);
  const prepare = async (context: BrowserContext): Promise<void> => {
    await context.grantPermissions(["notifications"]);
    await context.addInitScript(WATCH_NOTIFICATIONS);
  };
  const { page, faults } = await visit(browser, { url: server.url, name: "sorter", prepare });
  const shown = () => page.evaluate("notes.map(({ title, body }) => [title, body])");
  for (const { name } of [tea, talk]) {
    await page.fill("#room-search", name);
    await openRoom(page, name);
  }
  await page.fill("#room-search", "");
  const row = (name: string) => page.locator("#room-list .side-item", { hasText: name });
  const choose = async (name: string, choice: string): Promise<void> => {
    await row(name).locator(".side-row").click({ button: "right" });
    await page.locator("#message-menu button", { hasText: choice }).click();
  };
  const section = (title: string) => page.locator(`.side-section[aria-label="${title}"]`);
  await choose(tea.name, "Starred");
  await section("Starred").getByText(tea.name).waitFor();
  await publish(ws, tea.id, "news");
  await publish(ws, tea.id, "@sorter, for you");
  await row(tea.name).locator(".meant", { hasText: "1 for you" }).waitFor();
  await expect.poll(shown).toEqual([[`${host.name} in ${tea.name} (2)`, "@sorter, for you"]]);
  expect(await barriers(page)).toEqual([]);
  await section("Starred").locator(".side-fold").click();
  await section("Starred").locator(".side-row.has-news").waitFor();
  await choose(tea.name, "Mark as read");
  await row(tea.name).waitFor({ state: "detached" });
  await expect.poll(shown).toEqual([]);
  await page.reload();
  await section("Starred").locator(".side-fold[aria-expanded=false]").waitFor();
  await section("Starred").locator(".side-fold").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowDown");
  await expect.poll(() => page.evaluate("document.activeElement.textContent")).toContain(tea.name);
  await choose(tea.name, "Muted");
  await row(tea.name).getByText("muted").waitFor({ state: "attached" });
  await row(tea.name).locator(".row-menu").focus();
  await page.keyboard.press("Enter");
  await page.locator("#message-menu [aria-checked=true]", { hasText: "Muted" }).waitFor();
  await page.keyboard.press("Escape");
  expect(faults).toEqual([]);
  await ws.close();
});

test("a damaged or forbidden storage is said, and the page works", async () => {
  const { page, faults } = await arrive("unstored");
  for (const text of ["{broken", "{}"]) {
    await page.evaluate(`localStorage.setItem("hubbub.tokens", ${JSON.stringify(text)})`);
    await page.reload();
    await page.locator("#entry-error", { hasText: "could not be read" }).waitFor();
  }
  await page.addInitScript(
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } })",
  );
  await page.reload();
  await page.locator("#entry-note", { hasText: "stores nothing for this page" }).waitFor();
  await enter(page, "forgotten");
  await createRoom(page, "in memory");
  await say(page, "works");
  await messages(page).getByText("works").waitFor();
  expect(faults).toEqual([]);
});

test("a logout that the server does not hear is repeated until it holds, and that is said", async () => {
  const { page } = await arrive("leaver");
  const { accessToken } = await page.evaluate<{ accessToken: string }>(
    "JSON.parse(localStorage.getItem('hubbub.tokens'))",
  );
  const me = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${accessToken}` };
    return (await fetch(`${server.url}/api/v1/me`, { headers })).status;
  };
  await page.route("**/logout", (route) => route.abort());
  await page.click("#logout");
  await page.locator("#entry-note", { hasText: "repeats the logout until it holds" }).waitFor();
  expect(await me()).toBe(200);
  await page.unroute("**/logout");
  await page.reload();
  await expect.poll(me, { timeout: 20_000 }).toBe(401);
  await page.locator("#entry-note:empty").waitFor({ state: "attached" });
});

test("under the path of somebody's own nginx the page talks to the server behind that path", async () => {
  await using proxy = await startNginxPrefix("/chat/", server.url);
  const { page, faults } = await visit(browser, { url: `http://127.0.0.1:${proxy.port}/chat/`, name: "lodger" });
  await createRoom(page, "below");
  await say(page, "heard");
  await messages(page).getByText("heard").waitFor();
  await page.reload();
  await isIn(page, "below");
  await messages(page).getByText("heard").waitFor();
  expect(faults).toEqual([]);
});

test("an announcement to everybody stands beside the rooms until it is dismissed, also after a reload", async () => {
  const by = { id: room, username: "root" };
  const event = {
    type: "event",
    room,
    epoch: 1,
    seq: 1,
    at: Date.now(),
    by,
    kind: "message",
    id: "a",
    text: "noon: restart",
  };
  const prepare = async (context: BrowserContext): Promise<void> => {
    await context.route(`**/rooms/${room}/messages?*`, (route) =>
      route.fulfill({ json: { messages: [event], head: 1, epoch: 1, states: [] } }),
    );
  };
  const { page, faults } = await visit(browser, { url: server.url, name: "listener", prepare });
  const shown = page.locator("#announcement", { hasText: "root: noon: restart" });
  await shown.waitFor();
  await page.reload();
  await shown.waitFor();
  const read = page.waitForResponse(`**/rooms/${room}/messages?*`);
  await page.click("#announcement-close");
  await page.locator("#announcement").waitFor({ state: "hidden" });
  await page.reload();
  await read;
  await createRoom(page, "quiet");
  expect(await page.locator("#announcement").isVisible()).toBe(false);
  expect(faults).toEqual([]);
});
