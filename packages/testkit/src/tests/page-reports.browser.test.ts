import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { startChromium } from "../services/chromium.ts";
import { openExample, openSdk } from "./example-page.ts";
import { barriers, createRoom, isIn, messages, openRoom, say, visit } from "./page-visit.ts";

/** Reports, and what is done with rooms and the people in them, in a real Chromium. */
let server: Embedded;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startEmbedded(), startChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const rowOf = (page: Page, text: string) => page.locator("#items .item", { hasText: text });
const shot = async (page: Page, name: string): Promise<void> => {
  const folder = process.env["SHOTS"];
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
};

async function report(page: Page, text: string, reason: string, words: string): Promise<void> {
  await rowOf(page, text).hover();
  await rowOf(page, text).locator(".menu-button").click();
  await page.locator("#message-menu button", { hasText: "Report" }).click();
  await page.selectOption("#report-reason", reason);
  await page.fill("#report-text", words);
  await shot(page, "report");
  expect(await barriers(page)).toEqual([]);
  await page.click("#report-yes");
  await page.locator("#notice", { hasText: "Thank you" }).waitFor();
}

test("a member reports messages, and the owner sees them at once with those around, deletes one and dismisses one", async () => {
  const owner = await visit(browser, { url: server.url, name: "olga" });
  await createRoom(owner.page, "tea");
  const author = await visit(browser, { url: server.url, name: "mallory" });
  const reporter = await visit(browser, { url: server.url, name: "rita" });
  for (const { page } of [author, reporter]) await openRoom(page, "tea");
  for (const text of ["good morning", "you are all fools", "buy my tea"]) await say(author.page, text);
  await messages(reporter.page).getByText("buy my tea").waitFor();
  expect(await reporter.page.locator("#reports").isVisible()).toBe(false);
  await report(reporter.page, "you are all fools", "abuse", "not the first time");
  await report(reporter.page, "buy my tea", "spam", "");

  await owner.page.locator("#reports", { hasText: "Reports (2)" }).click();
  const queued = owner.page.locator("#queue-items > .queue-report");
  await queued.nth(1).waitFor();
  await shot(owner.page, "queue");
  expect(await barriers(owner.page)).toEqual([]);
  const [first, second] = [queued.nth(0), queued.nth(1)];
  expect(await first.textContent()).toMatch(
    /reported by rita.*not the first time.*good morning.*mallory: you are all fools/s,
  );
  expect(await first.locator(".reported").textContent()).toBe("mallory: you are all fools");
  expect(await second.locator(".reported").textContent()).toBe("mallory: buy my tea");
  await first.locator("button", { hasText: "Delete the message" }).click();
  await rowOf(author.page, "This message was deleted").waitFor();
  await queued.nth(1).waitFor({ state: "detached" });
  await queued.locator("button", { hasText: "Dismiss" }).click();
  await owner.page.locator("#queue-items", { hasText: "No report waits." }).waitFor();
  await owner.page.click("#queue-close");
  expect(await owner.page.locator("#reports").textContent()).toBe("Reports");
  expect([...owner.faults, ...author.faults, ...reporter.faults]).toEqual([]);
});

async function chooseFor(page: Page, choice: string): Promise<void> {
  await page.click("#room-menu");
  await page.locator("#message-menu button", { hasText: choice }).click();
}

/** Choices of the menu that is open. */
const choices = (page: Page) => page.locator("#message-menu > button").allTextContents();

async function linkInto(page: Page): Promise<string> {
  await chooseFor(page, "Invite people");
  await page.locator("#sheet-body button", { hasText: "Make a link" }).click();
  const link = await page.locator("#made-link").inputValue();
  await page.locator("#sheet-body button", { hasText: "Revoke" }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.click("#sheet-close");
  return link;
}

test("a guest follows a link, becomes an account, gets a role; the owner changes, archives and deletes the room", async () => {
  const owner = await visit(browser, { url: server.url, name: "owen" });
  await createRoom(owner.page, "garden", true);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(await linkInto(owner.page));
  await page.locator("#entry-note", { hasText: "You are invited" }).waitFor();
  await page.check("input[value=guest]");
  expect(await barriers(page)).toEqual([]);
  await page.click("#entry-submit");
  await page.locator("#question-text", { hasText: "“garden” with one member" }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.click("#question-yes");
  await isIn(page, "garden");
  await page.fill("#compose-text", "as a guest");
  await owner.page.locator("#typing", { hasText: /guest-.* is typing/ }).waitFor();
  await page.press("#compose-text", "Enter");
  await messages(owner.page).getByText("as a guest").waitFor();
  expect(await owner.page.locator("#typing").textContent()).toBe("");
  await page.click("#me");
  await page.fill("#account-name", "admin");
  await page.fill("#account-password", "half past four, tea");
  await page.press("#account-password", "Enter");
  await page.locator("#account-name-error", { hasText: "reserved" }).waitFor();
  await page.fill("#account-name", "gwen");
  await page.locator("#sheet-body button", { hasText: "Create the account" }).click();
  await page.locator("#me", { hasText: "gwen" }).waitFor();
  await say(page, "as gwen");
  await owner.page.locator(".who", { hasText: "gwen" }).waitFor();
  await page.click("#me");
  await page.fill("#status-text", "planting");
  await page.selectOption("#status-end", { label: "In an hour" });
  await page.click("#shows-last-seen");
  expect(await barriers(page)).toEqual([]);
  await page.locator("#sheet-body button", { hasText: /^Save$/ }).click();
  await page.locator("#sheet").waitFor({ state: "hidden" });
  await page.click("#me");
  await page.locator("#status-end option:checked", { hasText: /\d:\d\d/ }).waitFor({ state: "attached" });
  expect(await page.getAttribute("#shows-last-seen", "data-state")).toBe("unchecked");
  await page.fill("#display-name", "Gwen Green");
  await page.fill("#about", "roses\nand beans");
  await page.locator("#sheet-body button", { hasText: "Save the profile" }).click();
  await page.locator("#sheet").waitFor({ state: "hidden" });

  expect(await page.locator("#reports").isVisible()).toBe(false);
  await page.click("#room-menu");
  expect(await choices(page)).toEqual(["Members", "Pinned messages", "Jump to a date", "Invite people", "Leave"]);
  await page.keyboard.press("Escape");
  await owner.page.click("#members");
  const gwen = owner.page.locator(".member", { hasText: "gwen" });
  await gwen.locator(".member-status", { hasText: "planting" }).waitFor();
  await gwen.locator(".presence.here").waitFor();
  expect(await barriers(owner.page)).toEqual([]);
  await gwen.locator("button").click();
  await owner.page.locator("#message-menu button", { hasText: "Make a moderator" }).click();
  await gwen.locator(".badge", { hasText: "moderator" }).waitFor();
  await gwen.locator("button").click();
  await owner.page.locator("#message-menu button", { hasText: "Profile" }).click();
  await owner.page.locator("#sheet", { hasText: /Gwen Green.*@gwen.*here.*planting.*roses\nand beans/s }).waitFor();
  await shot(owner.page, "profile");
  expect(await barriers(owner.page)).toEqual([]);
  await owner.page.click("#sheet-close");
  await owner.page.reload();
  await messages(owner.page).locator(".display-name", { hasText: "Gwen Green" }).first().waitFor();
  await page.locator("#reports").waitFor();
  await chooseFor(owner.page, "What was done");
  await owner.page.locator("#audit", { hasText: "owen made gwen a moderator" }).waitFor();
  await shot(owner.page, "audit");
  expect(await barriers(owner.page)).toEqual([]);
  await owner.page.click("#sheet-close");

  await chooseFor(owner.page, "Settings");
  expect(await barriers(owner.page)).toEqual([]);
  await owner.page.locator("#sheet-body input").first().fill("orchard");
  await owner.page.click("#keeps-revisions");
  await owner.page.locator("#sheet-body button", { hasText: "Save" }).click();
  await isIn(page, "orchard");
  await messages(page).getByText("no earlier texts kept").waitFor();
  await chooseFor(owner.page, "Archive");
  await page.locator("#closed", { hasText: "archived" }).waitFor();
  expect(await page.locator("#compose-text").isDisabled()).toBe(true);
  await chooseFor(owner.page, "Delete the room");
  await owner.page.click("#question-yes");
  await owner.page.locator("[data-stage=none]").waitFor();
  await page.locator("#room-list button", { hasText: "orchard" }).waitFor({ state: "detached" });
  expect(owner.faults).toEqual([]);
  await context.close();
});

test("a member is offered no power, writes directly to another one, and blocks and unblocks them", async () => {
  const ann = await visit(browser, { url: server.url, name: "anna" });
  await createRoom(ann.page, "porch");
  const ben = await visit(browser, { url: server.url, name: "benno" });
  await openRoom(ben.page, "porch");
  await say(ann.page, "hello there");
  await ben.page.locator(".who", { hasText: "anna" }).click();
  expect(await choices(ben.page)).toEqual(["Profile", "Message anna", "Block anna"]);
  await ben.page.locator("#message-menu button", { hasText: "Message anna" }).click();
  await isIn(ben.page, "anna");
  await say(ben.page, "just for you");
  await ann.page.locator("#room-list button", { hasText: "benno" }).click();
  await messages(ann.page).getByText("just for you").waitFor();
  await ann.page.locator("#talk-topic", { hasText: "here" }).waitFor();

  await ann.page.locator(".who", { hasText: "benno" }).click();
  await ann.page.locator("#message-menu button", { hasText: "Block benno" }).click();
  await ann.page.click("#question-yes");
  await ann.page.locator("#notice", { hasText: "benno is blocked" }).waitFor();
  await say(ben.page, "are you there?");
  await ben.page.locator("#drafts", { hasText: "not sent" }).waitFor();
  await ann.page.click("#me");
  await ann.page.locator(".sheet-row", { hasText: "benno" }).locator("button").click();
  await ann.page.locator("#sheet-body", { hasText: "Nobody." }).waitFor();
  await ann.page.click("#sheet-close");
  await ben.page.locator("#drafts button", { hasText: "Send again" }).click();
  await messages(ann.page).getByText("are you there?").waitFor();

  await createRoom(ann.page, "cellar", true);
  await chooseFor(ann.page, "Invite people");
  await ann.page.locator("#sheet-body input").first().fill("benno");
  await ann.page.locator("#sheet-body button", { hasText: /^Invite$/ }).click();
  await ben.page.locator("#invitations", { hasText: "Invitations (1)" }).click();
  await ben.page.locator(".sheet-row", { hasText: "cellar" }).locator("button", { hasText: "Accept" }).click();
  await isIn(ben.page, "cellar");
  await ben.page.locator("#invitations").waitFor({ state: "hidden" });

  await ann.page.click("#sheet-close");
  await ann.page.click("#members");
  await ann.page.locator(".member", { hasText: "benno" }).locator("button").click();
  await ann.page.locator("#message-menu button", { hasText: "Ban…" }).click();
  await ann.page.fill("#restrict input", "too loud");
  await shot(ann.page, "ban");
  expect(await barriers(ann.page)).toEqual([]);
  await ann.page.click("#restrict-yes");
  await ann.page.locator(".member", { hasText: "benno" }).waitFor({ state: "detached" });
  await ben.page.locator("#room-list button", { hasText: "cellar" }).waitFor({ state: "detached" });
  await ann.page.click("#sheet-close");
  await ann.page.click("#members");
  const banned = ann.page.locator(".sheet-row", { hasText: /benno.*until.*too loud/ });
  await banned.locator("button", { hasText: "End the ban" }).click();
  await ann.page.locator(".sheet-row").waitFor({ state: "detached" });
  expect([...ann.faults, ...ben.faults]).toEqual([]);
});

test("the React example shows what is said, own messages until they are stored, and who types", async () => {
  const ada = await openExample(browser, server.url, "");
  const room = await ada.locator("main").getAttribute("data-room");
  const bob = await openExample(browser, server.url, `?room=${room}`);
  await ada.getByLabel("Message").fill("hello");
  await ada.getByLabel("Message").press("Enter");
  await ada.locator("li[data-delivery=stored]", { hasText: "hello" }).waitFor();
  await bob.locator("li", { hasText: "hello" }).waitFor();
  await Promise.all([
    ada.locator("#typing", { hasText: "guest-" }).waitFor(),
    bob.getByLabel("Message").pressSequentially("hi"),
  ]);
  await bob.getByLabel("Message").press("Enter");
  await ada.locator("li", { hasText: ": hi" }).waitFor();
  expect(await ada.locator("#status").textContent()).toContain("ready, live");
});

test("what a closed tab had not sent goes out from another tab, once and in its order, from a real IndexedDB", async () => {
  const context = await browser.newContext({ bypassCSP: true });
  let swallowed = 0;
  // Nothing that the first tab writes reaches the server.
  const swallow = (page: Page): Promise<void> =>
    page.routeWebSocket(/\/ws$/, (route) => {
      const socket = route.connectToServer();
      route.onMessage((text) => {
        if (/"type":"(?:publish|edit|react)"/.test(String(text))) swallowed += 1;
        else socket.send(text);
      });
    });
  const gone = await openSdk(context, server.url, swallow);
  const [tokens, room, seq] = await gone.evaluate<[object, string, number]>(`(async () => {
    const http = new sdk.HubbubHttp({ url: location.origin });
    const tokens = await http.guest();
    globalThis.client = sdk.createClient({ url: location.origin, tokens, outbox: sdk.indexedDbOutbox() });
    const { id } = await client.http.createRoom({ name: "kept in a browser", visibility: "public" });
    const { seq } = await client.http.post(id, { id: "before", text: "said before" });
    await client.connect();
    await client.room(id).subscribe({ onEvent: () => undefined });
    return [tokens, id, seq];
  })()`);
  await gone.evaluate(`(() => {
    const room = client.room(${JSON.stringify(room)});
    room.publish("first", { id: "one" });
    room.edit(${seq}, "changed", { id: "two" });
    room.react(${seq}, "🍵", { id: "three" });
  })()`);
  await expect.poll(() => swallowed).toBe(3);
  const start = `(async () => {
    const tokens = ${JSON.stringify(tokens)};
    globalThis.client = sdk.createClient({ url: location.origin, tokens, outbox: sdk.indexedDbOutbox() });
    await client.connect();
    await client.room(${JSON.stringify(room)}).publish(document.title, { id: document.title });
    return (await client.http.history(${JSON.stringify(room)})).messages.map(({ id, text }) => text ?? id).slice(-5);
  })()`;
  const open = async (title: string): Promise<string[]> => {
    const page = await openSdk(context, server.url);
    await page.evaluate(`document.title = ${JSON.stringify(title)}`);
    return page.evaluate<string[]>(start);
  };
  // The tab is there: nobody takes its events.
  expect((await open("meanwhile")).slice(-2)).toEqual(["said before", "meanwhile"]);
  await gone.close();
  expect(await open("later")).toEqual(["meanwhile", "first", "changed", "three", "later"]);
  expect((await open("last")).slice(-2)).toEqual(["later", "last"]);
  await context.close();
});
