import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serverMain } from "../cluster-env.ts";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { startChromium } from "../services/chromium.ts";
import { run } from "../services/run.ts";
import { appCode } from "./app-code.ts";
import { barriers, visit } from "./page-visit.ts";

const PASSWORD = "tea at half past four";

/** The page of operators: the way there, and the login. */
let server: Embedded;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startEmbedded({ SECRET_KEYS: `one:${"A".repeat(43)}` }), startChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const shot = async (page: Page, name: string): Promise<void> => {
  const folder = process.env["SHOTS"];
  if (!folder) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
  }
};

/** The page of a process in a cluster with two: embedded there is nothing to drain. */
async function drainsOne(page: Page): Promise<void> {
  const link = page.locator("tbody a[href^='#/node/']").first();
  const name = (await link.textContent()) ?? "";
  const one = { name, roles: ["gateway"], state: "serving", drained: false, connections: 1, moving: 0, shards: 0 };
  const orders: unknown[] = [];
  await page.route("**/api/v1/admin/zones", (route) =>
    route.fulfill({
      json: { zones: [{ zone: "", drained: false, processes: [{ ...one, silent: false, build: "1" }] }] },
    }),
  );
  await page.route("**/api/v1/admin/processes/*", async (route) => {
    const { drained } = route.request().postDataJSON() as { drained: boolean };
    orders.push([route.request().method(), decodeURIComponent(route.request().url().split("/").at(-1) ?? ""), drained]);
    Object.assign(one, { drained, state: drained ? "draining" : "serving" });
    await route.fulfill({ status: 204 });
  });
  await link.click();
  await page.getByRole("button", { name: "Drain" }).click();
  await page.locator(".order", { hasText: `Clients and shards of ${name} go elsewhere.` }).waitFor();
  await shot(page, "operators-drain");
  await page.getByRole("button", { name: "Drain" }).click();
  await page.locator(".acts .state.draining").waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("button", { name: "Serve again" }).click();
  await page.getByRole("button", { name: "Serve again" }).click();
  await page.getByRole("button", { name: "Drain" }).waitFor();
  expect(orders).toEqual([
    ["PUT", name, true],
    ["PUT", name, false],
  ]);
}

test("the account sheet links the page of operators for a server role alone, and that page asks for the login", async () => {
  const { page, context, faults } = await visit(browser, { url: server.url, name: "olga" });
  const asked = page.waitForResponse("**/api/v1/me/account");
  await page.click("#account-open");
  await (await asked).finished();
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  expect(await page.locator("#operators").count()).toBe(0);
  await page.getByRole("tab", { name: "Security" }).click();
  await page.click("#two-step-begin");
  const secret = await page.inputValue("#two-step-secret");
  await page.fill("#two-step-code", appCode(secret));
  await page.press("#two-step-code", "Enter");
  await page.locator("#recovery-codes li").first().waitFor();
  const recovery = (await page.locator("#recovery-codes li").first().textContent()) ?? "";

  await server.kill("SIGTERM");
  await run(process.execPath, [serverMain, "admin", "grant", "olga", "admin"], {
    env: { ...process.env, DATA_DIR: server.directory },
  });
  await server.restart();
  await page.reload();
  await page.click("#account-open");
  await page.locator("#operators").waitFor();
  expect(await barriers(page)).toEqual([]);
  await shot(page, "operators-link");
  await page.click("#operators");
  await page.locator("h1", { hasText: "Cluster" }).waitFor();
  await page.locator(".me", { hasText: "olga" }).waitFor();
  await drainsOne(page);
  await context.close();

  const stranger = await browser.newContext();
  const other = await stranger.newPage();
  other.on("pageerror", (error) => faults.push(error.message));
  await other.goto(`${server.url}/admin#users`);
  const form = other.locator("#operator-login");
  await form.waitFor();
  expect(await barriers(other)).toEqual([]);
  await shot(other, "operators-login");
  await other.fill("[name=username]", "olga");
  await other.fill("[name=password]", "not this one");
  await other.press("[name=password]", "Enter");
  await form.locator("[role=alert]", { hasText: /\w/ }).waitFor();
  expect(await other.inputValue("[name=username]")).toBe("olga");
  await other.fill("[name=password]", PASSWORD);
  await other.press("[name=password]", "Enter");
  await other.fill("#factor-code", recovery);
  await other.press("#factor-code", "Enter");
  // The screen that was asked for.
  await other.locator("h1", { hasText: "Users" }).waitFor();
  await other.click("a[href='./']");
  await other.locator("#me", { hasText: "olga" }).waitFor();
  await stranger.close();
  // The server that was away for a moment.
  expect(faults.filter((fault) => !/Failed to load|WebSocket|ERR_/.test(fault))).toEqual([]);
});
