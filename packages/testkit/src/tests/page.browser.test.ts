import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { Person, publish } from "../people.ts";
import { startChromium } from "../services/chromium.ts";
import {
  createRoom,
  enter,
  isIn,
  keptOffline,
  keptPaths,
  messages,
  onTheirWay,
  openRoom,
  say,
  visit,
  Wire,
  withoutWorker,
} from "./page-visit.ts";

/** What is said on the page, in a real Chromium: nothing is lost, and nothing goes to the wrong place. */
let server: Embedded;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startEmbedded(), startChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const arrive = (name: string, wire?: Wire) =>
  visit(browser, { url: server.url, name, prepare: (context) => wire?.install(context) ?? Promise.resolve() });
const box = (page: Page) => page.locator("#compose-text");

test("two visitors sign up, meet in a room and talk; what was said is there without a server and after its restart", async () => {
  const grace = await arrive("grace");
  await createRoom(grace.page, "tea");
  const ada = await visit(browser, { url: server.url, name: "ada", isKept: true });
  await createRoom(ada.page, "coffee");
  await openRoom(ada.page, "tea");
  await say(grace.page, "hello ada");
  await messages(ada.page).getByText("hello ada").waitFor();
  await say(ada.page, "<b>hello</b> grace");
  await messages(grace.page).getByText("<b>hello</b> grace").waitFor();
  await ada.page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
  await expect.poll(() => keptOffline(ada.page)).toContain("hello ada");
  const address = ada.page.url();
  // Another room is opened while the server is away: what was being sent goes on.
  await server.kill("SIGTERM");
  const late = await ada.context.newPage();
  await late.goto(address);
  await messages(late).getByText("<b>hello</b> grace").waitFor();
  await late.locator("#banner", { hasText: /^Connection lost.* These messages were here at / }).waitFor();
  const paths = await keptPaths(late);
  expect([paths.includes("/"), paths.some((path) => path.startsWith("/api"))]).toEqual([true, false]);
  await late.close();
  await say(ada.page, "said meanwhile");
  await openRoom(ada.page, "coffee");
  await server.restart();
  await say(grace.page, "still there?");
  await messages(grace.page).getByText("said meanwhile").waitFor({ timeout: 30_000 });
  await openRoom(ada.page, "tea");
  await messages(ada.page).getByText("still there?").waitFor({ timeout: 30_000 });
  await grace.page.reload();
  await isIn(grace.page, "tea");
  await messages(grace.page).getByText("still there?").waitFor();
  expect(await messages(grace.page).textContent()).toMatch(/hello ada[\s\S]*hello<\/b> grace[\s\S]*still there\?/);
  expect(ada.faults.filter((fault) => !/WebSocket|ERR_/.test(fault))).toEqual([]);
});

test("two tabs of a login share one connection, and each shows what the other says; the one that stays goes on", async () => {
  const connections = async (): Promise<number> => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^hubbub_connections(?:\{.*\})? (\d+)$/m.exec(metrics)?.[1]);
  };
  const before = await connections();
  const { page, context, faults } = await arrive("twofold");
  await createRoom(page, "shared");
  const other = await context.newPage();
  await other.goto(page.url());
  await isIn(other, "shared");
  await say(page, "from the first");
  await messages(other).getByText("from the first").waitFor();
  await say(other, "from the second");
  await messages(page).getByText("from the second").waitFor();
  await expect.poll(connections).toBe(before + 1);
  await page.close();
  await say(other, "still here");
  await messages(other).getByText("still here").waitFor();
  expect(await connections()).toBe(before + 1);
  await context.close();
  await expect.poll(connections).toBe(before);
  expect(faults).toEqual([]);
});

test("hostile text stays text", async () => {
  const { page, faults } = await arrive("victim");
  const attacker = await Person.arrive(server.url);
  const room = await attacker.createRoom();
  const ws = await attacker.connect(server.wsUrl);
  await publish(ws, room.id, `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`);
  await page.fill("#room-search", room.name);
  await openRoom(page, room.name);
  await messages(page).getByText("<img src=x").waitFor();
  expect(await page.title()).not.toContain("owned");
  expect(faults).toEqual([]);
  const html = "try { document.body.innerHTML = '<i></i>'; 'made' } catch { 'refused' }";
  expect(await page.evaluate(html)).toBe("refused");
  await ws.close();
});

test("a room whose history fails is heard all the same, and gets its past later", async () => {
  const host = await Person.arrive(server.url);
  const room = await host.createRoom();
  const ws = await host.connect(server.wsUrl);
  await publish(ws, room.id, "said before");
  const { page } = await arrive("unlucky");
  const history = /\/messages\?/;
  await page.route(history, (route) => route.abort());
  await page.fill("#room-search", room.name);
  await page.locator("#room-list button", { hasText: room.name }).click();
  await page.locator("#talk[data-stage=in]").waitFor();
  // Once an own message has come the room is live: what is said from here on must come.
  await say(page, "own");
  await messages(page).getByText("own", { exact: true }).waitFor();
  await publish(ws, room.id, "said after");
  await messages(page).getByText("said after").waitFor();
  expect(await onTheirWay(page).textContent()).toBe("");
  await page.unroute(history);
  await messages(page).getByText("said before").waitFor({ timeout: 30_000 });
  await ws.close();
});

test("texts stay with the room they were typed in, and a join that answers late takes nothing over", async () => {
  const stranger = await Person.arrive(server.url);
  const late = await stranger.createRoom();
  const { page } = await arrive("typist");
  await createRoom(page, "north");
  await createRoom(page, "south");
  await page.fill("#compose-text", "for the south");
  await openRoom(page, "north");
  expect(await box(page).inputValue()).toBe("");
  await page.fill("#compose-text", "for the north");
  await openRoom(page, "south");
  expect(await box(page).inputValue()).toBe("for the south");
  await page.reload();
  await isIn(page, "south");
  expect(await box(page).inputValue()).toBe("for the south");
  let letJoin = (): void => undefined;
  const mayJoin = new Promise<void>((resolve) => {
    letJoin = resolve;
  });
  await page.route("**/join", async (route) => {
    await mayJoin;
    await route.continue();
  });
  await page.locator("#room-list button", { hasText: late.name }).click();
  await page.locator("[data-stage=joining] #talk-name", { hasText: late.name }).waitFor();
  await openRoom(page, "north");
  const joined = page.waitForResponse("**/join");
  letJoin();
  await joined;
  await page.locator("#room-list button", { hasText: late.name, hasNotText: "join" }).waitFor();
  await page.press("#compose-text", "Enter");
  await messages(page).getByText("for the north").waitFor();
  expect(await page.locator("#talk-name").textContent()).toBe("north");
});

test("unsent messages survive a reload; a refused one is sent again or discarded; fifty lines go as they are", async () => {
  const wire = new Wire();
  const { page } = await arrive("patient", wire);
  await createRoom(page, "outbox");
  wire.isHeld = true;
  await say(page, "first");
  await say(page, "second");
  await onTheirWay(page).getByText("second").waitFor();
  wire.isHeld = false;
  await page.goto(server.url);
  await page.locator("#room-list button", { hasText: "outbox" }).waitFor();
  await page.reload();
  await openRoom(page, "outbox");
  await messages(page).getByText("second").waitFor();
  expect(await messages(page).locator(".text").allTextContents()).toEqual(["first", "second"]);
  wire.refused = "let me in";
  await say(page, "let me in");
  await onTheirWay(page).getByText("nobody may say that").waitFor();
  await page.reload();
  await onTheirWay(page).getByText("nobody may say that").waitFor();
  wire.refused = "";
  await onTheirWay(page).getByRole("button", { name: "Send again" }).click();
  await messages(page).getByText("let me in").waitFor();
  wire.refused = "never mind";
  await say(page, "never mind");
  await onTheirWay(page).getByRole("button", { name: "Discard" }).click();
  await expect.poll(() => onTheirWay(page).textContent()).toBe("");
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\n");
  await box(page).focus();
  await page.keyboard.insertText(lines);
  await page.keyboard.press("Enter");
  await messages(page).getByText("line 49").waitFor();
  expect(await messages(page).locator(".text").last().textContent()).toBe(lines);
});

test("leaving a private room asks first; a refusal is shown and the room stays; a link asks before it joins", async () => {
  const { page } = await arrive("careful");
  await createRoom(page, "secret", true);
  await page.click("#leave");
  await page.locator("#question").getByText("you can come back only when").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  const detail = "you are the last owner; name another one first";
  await page.route("**/leave", (route) =>
    route.fulfill({ status: 409, contentType: "application/problem+json", json: { code: "forbidden", detail } }),
  );
  await page.click("#leave");
  await page.click("#question-yes");
  await page.locator("#notice", { hasText: "You are the last owner" }).waitFor();
  await isIn(page, "secret");
  await page.unroute("**/leave");
  await page.click("#leave");
  await page.click("#question-yes");
  await page.locator("#question-text", { hasText: "leaving closes it permanently" }).waitFor();
  await page.click("#question-yes");
  await page.locator("#talk[data-stage=none]").waitFor();
  const host = await Person.arrive(server.url);
  const room = await host.createRoom();
  const joins: string[] = [];
  page.on("request", (request) => request.url().endsWith("/join") && joins.push(request.url()));
  await page.goto(`${server.url}/#${room.id}`);
  await page.reload();
  await page.locator("[data-stage=asking] #talk-name", { hasText: room.name }).waitFor();
  expect(joins).toEqual([]);
  await page.click("#join");
  await isIn(page, room.name);
  expect(joins).toHaveLength(1);
});

test("nothing of a user stays after the logout; a tab of the last user does not end the login of the next one", async () => {
  const { page, context } = await arrive("alice");
  await createRoom(page, "private thoughts", true);
  await say(page, "dear diary");
  await messages(page).getByText("dear diary").waitFor();
  await expect.poll(() => keptOffline(page)).toContain("dear diary");
  const asleep = await context.newPage();
  // This tab hears of nothing until it wakes.
  let isAsleep = true;
  await withoutWorker(asleep);
  await asleep.routeWebSocket(/\/ws$/, (route) => {
    if (isAsleep) route.close();
    else route.connectToServer();
  });
  await asleep.goto(server.url);
  await asleep.locator("#me", { hasText: "alice" }).waitFor();
  await page.click("#logout");
  await page.locator("#entry").waitFor();
  const text = `${await page.content()} ${page.url()}`;
  expect(text).not.toMatch(/dear diary|private thoughts|alice/);
  expect(await page.inputValue("#entry-name")).toBe("");
  await expect.poll(() => keptOffline(page)).toBe("[]");
  await enter(page, "bob");
  isAsleep = false;
  await asleep.locator("#entry").waitFor({ timeout: 60_000 });
  await page.reload();
  await page.locator("#me", { hasText: "bob" }).waitFor();
});
