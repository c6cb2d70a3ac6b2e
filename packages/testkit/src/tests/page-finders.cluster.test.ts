import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { startChromium } from "../services/chromium.ts";
import { barriers, createRoom, isIn, messages, openRoom, say, visit } from "./page-visit.ts";

/** What helps to find and to write: completions, emoji, pictures, the switcher and the search. */
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

async function choose(page: Page, text: string, choice: string): Promise<void> {
  await rowOf(page, text).hover();
  await rowOf(page, text).locator(".menu-button").click();
  await page.locator("#message-menu button", { hasText: choice }).first().click();
}

async function shoot(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const)
    for (const [width, height] of [
      [1280, 800],
      [390, 844],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: `${process.env["SHOTS"]}/${name}-${colorScheme}-${width}.png` });
    }
  await page.setViewportSize({ width: 1280, height: 720 });
}

/** One red pixel. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
  "base64",
);

test("names and emoji are completed at the caret, any emoji is picked by its name, and pictures open large", async () => {
  const { page, faults } = await visit(browser, { url: server.url, name: "nora" });
  await createRoom(page, "corner");
  const friend = await visit(browser, { url: server.url, name: "norbert" });
  await openRoom(friend.page, "corner");
  const option = (text: string) => page.locator("#candidates [role=option]", { hasText: text });
  await page.type("#compose-text", "hi @norb");
  await option("norbert").waitFor();
  expect(await page.getAttribute("#compose-text", "aria-activedescendant")).toBe("candidate-0");
  expect(await barriers(page)).toEqual([]);
  if (process.env["SHOTS"]) await shoot(page, "mention");
  await page.keyboard.press("Enter");
  await page.type("#compose-text", ":tad");
  await option(":tada:").waitFor();
  await page.keyboard.press("Tab");
  await page.type("#compose-text", ":smil");
  await option(":smile:").waitFor();
  await page.keyboard.press("Escape");
  await option(":smile:").waitFor({ state: "detached" });
  await page.keyboard.press("Enter");
  await rowOf(page, "hi @norbert 🎉 :smil").waitFor();
  await page.keyboard.press("ArrowUp");
  expect(await page.inputValue("#compose-text")).toBe("hi @norbert 🎉 :smil");
  await page.keyboard.press("Escape");
  expect(await page.inputValue("#compose-text")).toBe("");

  await page.click("#emoji-open");
  await page.locator("#emoji-search:focus").waitFor();
  expect(await barriers(page)).toEqual([]);
  if (process.env["SHOTS"]) await shoot(page, "emoji");
  await page.keyboard.type("octopus");
  await page.locator(".emoji", { hasText: "🐙" }).waitFor();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.inputValue("#compose-text")).toBe("🐙");
  await page.keyboard.press("Enter");
  await choose(page, "🐙", "Other emoji");
  await page.locator("#emoji-search:focus").waitFor();
  await page.keyboard.type("unicorn");
  await page.locator(".emoji", { hasText: "🦄" }).click();
  await rowOf(page, "🐙").locator(".chip", { hasText: "🦄 1" }).waitFor();

  const names = ["first.png", "second.png"];
  await page.setInputFiles(
    "#files",
    names.map((name) => ({ name, mimeType: "image/png", buffer: PICTURE })),
  );
  await page.locator("#uploads .stored").nth(1).waitFor();
  await say(page, "two pictures");
  await rowOf(page, "two pictures").locator("img.picture").first().click();
  const large = (name: string) => page.locator(`#viewer img[alt="${name}"][src]`);
  await large("first.png").waitFor();
  await page.keyboard.press("ArrowRight");
  await large("second.png").waitFor();
  expect(await page.getAttribute("#viewer-download", "href")).toContain("/files/");
  expect(await barriers(page)).toEqual([]);
  if (process.env["SHOTS"]) await shoot(page, "viewer");
  await page.keyboard.press("ArrowLeft");
  await large("first.png").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#viewer").waitFor({ state: "detached" });
  expect(faults.filter((fault) => fault.includes("style"))).toEqual([]);
});

const PRESS_CTRL_K = `new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => resolve(document.activeElement.id);
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true, bubbles: true, cancelable: true }));
  port2.postMessage(0);
})`;

test("the switcher goes to rooms, people and messages by keys alone; the search finds, narrows and jumps", async () => {
  const ada = await visit(browser, { url: server.url, name: "adele" });
  const { page } = ada;
  await createRoom(page, "pantry");
  for (let index = 0; index < 22; index += 1) await say(page, `a jar of plums ${index}`);
  await messages(page).getByText("plums 21").waitFor();
  await createRoom(page, "cellar");
  await say(page, "no jar here");
  // The next key is for the switcher, without a frame between them.
  expect(await page.evaluate(PRESS_CTRL_K)).toBe("switcher-query");
  await page.keyboard.type("pant");
  await page.locator("#switcher [aria-selected=true]", { hasText: "pantry" }).waitFor();
  await page.keyboard.press("Enter");
  await isIn(page, "pantry");
  const focus = () => page.evaluate("document.activeElement.id");
  await expect.poll(focus).toBe("compose-text");
  await page.click("#switcher-open");
  await page.locator("#switcher input:focus").waitFor();
  await page.keyboard.type("jar here");
  const found = page.locator("#switcher [role=option]", { hasText: "no jar here" });
  await found.waitFor();
  expect(await page.getAttribute("#switcher-query", "aria-activedescendant")).toBe("switcher-option-0");
  await page.keyboard.press("Escape");
  await page.locator("#switcher").waitFor({ state: "detached" });
  await expect.poll(focus).toBe("switcher-open");

  await page.click("#pins");
  await page.locator("#panel").waitFor();
  await page.keyboard.press("Control+f");
  await expect.poll(focus).toBe("search-query");
  await page.keyboard.type("jar");
  await page.keyboard.press("Enter");
  const results = page.locator(".search-result");
  await results.getByText("plums 21").waitFor();
  expect(await results.locator("mark").first().textContent()).toBe("jar");
  expect(await results.getByText("no jar here").count()).toBe(0);
  await page.click("#search-more");
  await results.getByText("plums 0").waitFor();
  await page.locator("#search .segments label", { hasText: "All rooms" }).click();
  await results.getByText("no jar here").click();
  await isIn(page, "cellar");
  await messages(page).getByText("no jar here").waitFor();
  await page.fill("#search-query", "before:someday");
  await page.press("#search-query", "Enter");
  await page.locator("#search [role=alert]:not(:empty)").waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.keyboard.press("Control+k");
  await page.locator("#switcher [aria-selected=true]").waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.press("#search-query", "Escape");
  await page.locator("#search").waitFor({ state: "detached" });
  expect(ada.faults).toEqual([]);
});

test("a picture is set in the account's dialog and stands beside messages; what is typed in one browser is in another", async () => {
  const { page, faults } = await visit(browser, { url: server.url, name: "pia" });
  await createRoom(page, "gallery");
  await page.click("#account-open");
  const file = { name: "me.png", mimeType: "image/png", buffer: PICTURE };
  await page.setInputFiles("#avatar-file", file);
  await page.locator("#avatar-shown[src^='data:image/webp']").waitFor();
  expect(await barriers(page)).toEqual([]);
  const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
  const light = await background();
  await page.check("#themes input[value=dark]");
  expect(await background()).not.toBe(light);
  await page.reload();
  await isIn(page, "gallery");
  expect(await background()).not.toBe(light);
  const friend = await visit(browser, { url: server.url, name: "quentin" });
  await openRoom(friend.page, "gallery");
  await say(page, "do I look well?");
  await messages(friend.page).locator(".who img.avatar").waitFor();

  const other = await browser.newContext();
  const second = await other.newPage();
  await second.goto(server.url);
  await second.fill("#entry-name", "pia");
  await second.fill("#entry-password", "tea at half past four");
  await second.click("#entry-submit");
  await openRoom(second, "gallery");
  for (const one of [page, second]) {
    await one.press("#compose-text", "ArrowUp");
    await one.locator("#subject-text", { hasText: "Editing" }).waitFor();
  }
  await say(second, "how do I look?");
  await messages(page).getByText("how do I look?").waitFor();
  await say(page, "am I fine?");
  await page.locator("#notice", { hasText: "changed meanwhile" }).waitFor();
  await expect.poll(() => page.inputValue("#compose-text")).toBe("am I fine?");
  await page.press("#compose-text", "Enter");
  await messages(second).getByText("am I fine?").waitFor();
  // The box of another room is shown when the refusal comes.
  await createRoom(page, "attic");
  await openRoom(page, "gallery");
  await page.press("#compose-text", "ArrowUp");
  await page.locator("#subject-text", { hasText: "Editing" }).waitFor();
  await second.press("#compose-text", "ArrowUp");
  await say(second, "who paints me?");
  await messages(page).getByText("who paints me?").waitFor();
  await page.fill("#compose-text", "well?");
  await page.evaluate(`document.getElementById("compose").requestSubmit();
    [...document.querySelectorAll("#room-list button")].find((one) => one.textContent.includes("attic")).click()`);
  await isIn(page, "attic");
  await openRoom(page, "gallery");
  await expect.poll(() => page.inputValue("#compose-text")).toBe("well?");
  await page.press("#compose-text", "Enter");
  await messages(second).getByText("well?").waitFor();
  await page.fill("#compose-text", "half a sentence");
  await expect.poll(() => second.locator("#compose-text").inputValue()).toBe("half a sentence");
  const removed = page.waitForResponse((answer) => answer.request().method() === "DELETE");
  await page.press("#compose-text", "Enter");
  expect((await removed).status()).toBe(204);
  await expect.poll(() => second.locator("#compose-text").inputValue()).toBe("");
  await second.fill("#compose-text", "typed in the second");
  await second.waitForResponse((answer) => answer.request().method() === "PUT");
  await second.evaluate(
    `for (const key of Object.keys(localStorage)) if (key.includes("draft.")) localStorage.removeItem(key)`,
  );
  await second.reload();
  await isIn(second, "gallery");
  await expect.poll(() => second.locator("#compose-text").inputValue()).toBe("typed in the second");
  await page.click("#account-open");
  await page.click("#avatar-remove");
  await page.locator("#avatar-shown").waitFor({ state: "hidden" });
  expect([...faults, ...friend.faults]).toEqual([]);
  await other.close();
});
