import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { Person, publish } from "../people.ts";
import { startChromium } from "../services/chromium.ts";
import { startNginxPrefix } from "../services/nginx-prefix.ts";
import { appCode } from "./app-code.ts";
import { costOf, FAST, fakeHistory, fling, pause, sayMany, scrollAndWatch, WATCH_ROWS } from "./page-frames.ts";
import { barriers, createRoom, enter, isIn, messages, openRoom, say, visit } from "./page-visit.ts";
import { PASSKEY_SCRIPT, PASSKEY_URL, passkeyPage } from "./passkey-page.ts";

const SECRET_KEYS = `one:${"A".repeat(43)}`;

/** The page in its surroundings: window, keyboard, scripts of the world, storage, network, the path of a proxy. */
let server: Embedded;
let browser: Browser;

beforeAll(async () => {
  const settings = { PUBLIC_URL: PASSKEY_URL, SECRET_KEYS, ...FAST };
  [server, browser] = await Promise.all([startEmbedded(settings), startChromium()]);
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
const heightOf = async (page: Page, selector: string): Promise<number> =>
  (await page.locator(selector).last().boundingBox())?.height ?? 0;

test("only the panes scroll, and the end stays in view when the window shrinks or an own message is sent", async () => {
  const { page } = await arrive("reader");
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
});

/** On a busy machine a message in sight may be measured late, and a line of it moves what is below it. */
const A_FEW_LINES_PX = 50;
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
  await page.evaluate("document.querySelector('#scroll').scrollTop = 0");
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
  await expect.poll(moved).toBeLessThan(A_FEW_LINES_PX);
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
  await page.click("#newest");
  await messages(page).getByText("meanwhile").waitFor();
  await expect.poll(() => belowSight(page)).toBeLessThan(2);

  await page.evaluate(`location.hash = "#${room.id}/300"`);
  await page.locator('.item.found[data-seq="300"]').waitFor();
  expect(await page.evaluate("location.hash")).toBe(`#${room.id}`);
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

test("rooms stand in sections with counts of what is new; star, level and what is collapsed last", async () => {
  const host = await Person.arrive(server.url);
  const [tea, talk] = [await host.createRoom(), await host.createRoom()];
  const ws = await host.connect(server.wsUrl);
  const { page, faults } = await arrive("sorter");
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
  expect(await barriers(page)).toEqual([]);
  await section("Starred").locator(".side-fold").click();
  await section("Starred").locator(".side-row.has-news").waitFor();
  await choose(tea.name, "Mark as read");
  await row(tea.name).waitFor({ state: "detached" });
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

test("the account sheet asks before the browser shows notifications, and changes password and second factor", async () => {
  const { page, faults } = await arrive("warden");
  await page.addInitScript(`globalThis.asked = 0; globalThis.Notification = class {
    static permission = "default";
    static requestPermission() { globalThis.asked += 1; return Promise.resolve(this.permission = "granted"); }
  }`);
  await page.reload();
  await page.click("#account-open");
  await page.getByRole("tab", { name: "Notifications" }).click();
  expect(await page.evaluate("asked")).toBe(0);
  await page.click("#notify-ask");
  await page.locator("#notify-permission", { hasText: "shows notifications" }).waitFor();
  await page.locator("#notify-levels label", { hasText: "Mentions" }).click();
  await page.selectOption("#quiet-for", "60");
  await page.locator("#quiet-until").waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.reload();
  await page.click("#account-open");
  await page.getByRole("tab", { name: "General" }).press("ArrowRight");
  await page.locator("#notify-levels input[value=mentions]:checked").waitFor();
  await page.click("#quiet-end");
  await page.locator("#quiet-for").waitFor();

  await page.getByRole("tab", { name: "Security" }).click();
  await page.click("#two-step-begin");
  const secret = await page.inputValue("#two-step-secret");
  await page.fill("#two-step-code", appCode(secret));
  await page.press("#two-step-code", "Enter");
  await page.locator("#recovery-codes li").first().waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("button", { name: "Turn it off" }).click();
  await page.click("#question-yes");
  await page.fill("#proof-password", "tea at half past four");
  await page.click("#proof-yes");
  await page.locator("#two-step-state", { hasText: "Off" }).waitFor();
  await page.fill("#password-current", "tea at half past four");
  await page.fill("#password-new", "tea at a quarter to five");
  await page.press("#password-new", "Enter");
  await page.locator("#notice", { hasText: "new password" }).waitFor();
  expect(await page.locator("#logins li").allTextContents()).toEqual([expect.stringContaining("this one")]);
  // The proof that was asked for.
  expect(faults.filter((fault) => !fault.includes("403"))).toEqual([]);
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

test("a browser makes a passkey, logs in with it alone, and with it behind a password", async () => {
  const page = await passkeyPage(browser, server.url);
  expect(await page.evaluate(PASSKEY_SCRIPT)).toEqual({
    name: "laptop",
    alone: "passkey-ada",
    methods: ["passkey", "recovery"],
    both: "passkey-ada",
  });
  await page.reload();
  await enter(page, "bea");
  await page.click("#account-open");
  await page.getByRole("tab", { name: "Security" }).click();
  await page.fill("#passkey-name", "my laptop");
  await page.press("#passkey-name", "Enter");
  await page.locator("#account .sheet-row", { hasText: "my laptop" }).waitFor();
});
