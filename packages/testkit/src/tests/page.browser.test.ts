import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { startChromium } from "../services/chromium.ts";
import { Person, publish } from "./people.ts";

/** The page as a visitor uses it, in a real Chromium. */
let server: Embedded;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startEmbedded(), startChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** A visitor with a browser of their own; faults of the page fail the test. */
async function visit(name: string): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  await page.goto(server.url);
  await page.check("input[value=signup]");
  await page.fill("#entry-name", name);
  await page.fill("#entry-password", "correct horse");
  await page.click("#entry-submit");
  return { page, faults };
}

async function say(page: Page, text: string): Promise<void> {
  await page.fill("#compose-text", text);
  await page.press("#compose-text", "Enter");
}

const messages = (page: Page) => page.locator("#items");

test("two visitors sign up, meet in a room and talk; what was said is there after a reload and a restart", async () => {
  const grace = await visit("grace");
  await grace.page.fill("#create-name", "tea");
  await grace.page.press("#create-name", "Enter");
  await grace.page.locator("#talk-name", { hasText: "tea" }).waitFor();
  const ada = await visit("ada");
  await ada.page.locator("#room-list").getByText("tea").click();
  await say(grace.page, "hello ada");
  await messages(ada.page).getByText("hello ada").waitFor();
  await say(ada.page, "<b>hello</b> grace");
  await messages(grace.page).getByText("<b>hello</b> grace").waitFor();
  await server.kill("SIGTERM");
  await server.restart();
  await say(grace.page, "still there?");
  await messages(ada.page).getByText("still there?").waitFor({ timeout: 30_000 });
  await grace.page.reload();
  await grace.page.locator("#room-list").getByText("tea").click();
  await messages(grace.page).getByText("still there?").waitFor();
  expect(await messages(grace.page).textContent()).toMatch(/hello ada[\s\S]*hello<\/b> grace[\s\S]*still there\?/);
  expect(ada.faults.filter((fault) => !fault.includes("WebSocket"))).toEqual([]);
});

test("hostile text stays text", async () => {
  const { page, faults } = await visit("victim");
  const attacker = await Person.arrive(server.url);
  const room = await attacker.createRoom();
  const ws = await attacker.connect(server.wsUrl);
  await publish(ws, room.id, `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`);
  await page.fill("#room-search", room.name);
  await page.locator("#room-list").getByText(room.name).click();
  await messages(page).getByText("<img src=x").waitFor();
  expect(await page.title()).not.toContain("owned");
  expect(faults).toEqual([]);
  await ws.close();
});
