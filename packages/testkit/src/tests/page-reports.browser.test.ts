import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { startChromium } from "../services/chromium.ts";
import { createRoom, messages, openRoom, say, visit } from "./page-visit.ts";

/** Reporting a message, and the queue of moderators, in a real Chromium. */
let server: Embedded;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startEmbedded(), startChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const rowOf = (page: Page, text: string) => page.locator("#items > .item", { hasText: text });
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
