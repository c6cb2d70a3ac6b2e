import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { startChromium } from "../services/chromium.ts";
import { openMailbox } from "../tour/mailbox.ts";
import { appCode } from "./app-code.ts";
import { barriers, createRoom, enter, isIn, messages, say, visit } from "./page-visit.ts";
import { PASSKEY_SCRIPT, PASSKEY_URL, passkeyPage } from "./passkey-page.ts";

const SECRET_KEYS = `one:${"A".repeat(43)}`;
const PASSWORD = "tea at half past four";

/** What a user does with their account on the page. */
let directory: string;
let mailbox: Awaited<ReturnType<typeof openMailbox>>;
let server: Embedded;
let browser: Browser;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hubbub-mails-"));
  mailbox = await openMailbox(join(directory, "mails"));
  const mail = { SMTP_URL: mailbox.url, MAIL_FROM: "chat@example.com" };
  const settings = { PUBLIC_URL: PASSKEY_URL, SECRET_KEYS, ...mail };
  [server, browser] = await Promise.all([startEmbedded(settings), startChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await mailbox?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const arrive = (name: string) => visit(browser, { url: server.url, name });
const openTab = (page: Page, name: string) => page.getByRole("tab", { name }).click();
const said = (page: Page, words: string) => page.locator("#notice", { hasText: words }).waitFor();
const shot = async (page: Page, name: string): Promise<void> => {
  const folder = process.env["SHOTS"];
  if (!folder) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
  }
  const size = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: `${folder}/${name}-390.png` });
  if (size !== null) await page.setViewportSize(size);
};

/** The code in the link of a mail. */
async function mailed(kind: "confirm-email" | "reset-password"): Promise<string> {
  const find = async (): Promise<string> =>
    new RegExp(`#${kind}=([\\w-]{43})`).exec(await readFile(join(directory, "mails"), "utf8"))?.[1] ?? "";
  await expect.poll(find).not.toBe("");
  return find();
}

const statusOf = async (token: string): Promise<number> =>
  (await fetch(`${server.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status;

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
  const squares = page.getByRole("img", { name: "QR code" }).locator("path");
  expect(await squares.getAttribute("d")).toMatch(/^(M\d+ \d+h1v1h-1z){400,}$/);
  await shot(page, "two-step");
  await page.fill("#two-step-code", "000000");
  await page.press("#two-step-code", "Enter");
  await page.locator("#two-step-code-error", { hasText: "code is wrong" }).waitFor();
  await page.fill("#two-step-code", appCode(secret));
  await page.press("#two-step-code", "Enter");
  await page.locator("#recovery-codes li").first().waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("button", { name: "Turn it off" }).click();
  await page.click("#question-yes");
  await page.fill("#proof-password", "not this one");
  await page.click("#proof-yes");
  await page.locator("#proof-password-error", { hasText: "wrong" }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.fill("#proof-password", PASSWORD);
  await page.click("#proof-yes");
  await page.locator("#two-step-state", { hasText: "Off" }).waitFor();
  await page.fill("#password-current", PASSWORD);
  await page.fill("#password-new", "tea at a quarter to five");
  await page.press("#password-new", "Enter");
  await page.locator("#notice", { hasText: "new password" }).waitFor();
  expect(await page.locator("#logins li").allTextContents()).toEqual([expect.stringContaining("this one")]);
  // The proof that was asked for, and the wrong one.
  expect(faults.filter((fault) => !/40[13]/.test(fault))).toEqual([]);
});

test("an address is confirmed by the code of its mail, and a mail resets the forgotten password", async () => {
  const { page, faults } = await arrive("olwen");
  await page.click("#account-open");
  await page.fill("#email-address", "olwen@example.org");
  await page.fill("#email-password", "not this one");
  await page.press("#email-password", "Enter");
  await page.locator("#email-password-error", { hasText: "wrong" }).waitFor();
  await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("email-password");
  await shot(page, "email");
  expect(await barriers(page)).toEqual([]);
  await page.fill("#email-password", PASSWORD);
  await page.press("#email-password", "Enter");
  await page.fill("#email-code", "A".repeat(43));
  await page.press("#email-code", "Enter");
  await page.locator("#email-code-error", { hasText: "sent again" }).waitFor();
  await page.fill("#email-code", await mailed("confirm-email"));
  await page.press("#email-code", "Enter");
  await page.locator("#email-state", { hasText: "olwen@example.org is confirmed" }).waitFor();
  await page.click("#account-close");
  await page.click("#logout");
  await page.click("#entry-forgot");
  await page.fill("#forgot-email", "olwen@example.org");
  await page.press("#forgot-email", "Enter");
  await page.locator("#reset-form [role=status]", { hasText: "a mail is on its way" }).waitFor();
  await shot(page, "reset");
  expect(await barriers(page)).toEqual([]);
  await page.goto(`${server.url}/#reset-password=${await mailed("reset-password")}`);
  await page.fill("#reset-password", "tea at a quarter to five");
  await page.press("#reset-password", "Enter");
  await page.locator("#entry-note", { hasText: "new password" }).waitFor();
  await page.fill("#entry-name", "olwen");
  await page.fill("#entry-password", "tea at a quarter to five");
  await page.press("#entry-password", "Enter");
  await page.locator("#me", { hasText: "olwen" }).waitFor();
  expect(faults.filter((fault) => !/40[01]/.test(fault))).toEqual([]);
});

test("a token is made with its scopes, shown once, and works until it is revoked", async () => {
  const { page, faults } = await arrive("maker");
  let isOld = true;
  await page.route("**/me/tokens", (route) => {
    if (route.request().method() !== "POST" || !isOld) return route.continue();
    isOld = false;
    return route.fulfill({ status: 403, contentType: "application/problem+json", json: { code: "proof_required" } });
  });
  await page.click("#account-open");
  await openTab(page, "Tokens");
  await page.fill("#token-name", "nightly bot");
  await page.uncheck("#token-scopes input[value=read]");
  await page.click("#token-create");
  await page.locator("#token-scopes [role=alert]", { hasText: "at least one" }).waitFor();
  await page.check("#token-scopes input[value=read]");
  await page.check("#token-scopes input[value=write]");
  await page.selectOption("#account select[name=days]", "30");
  await page.press("#token-name", "Enter");
  await page.fill("#proof-password", PASSWORD);
  await page.press("#proof-password", "Enter");
  const row = page.locator("#tokens li", { hasText: "nightly bot" });
  await row.getByText("read, write").waitFor();
  const token = await page.inputValue("#token-made");
  await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("token-made");
  expect(token).toMatch(/^hub_/);
  expect(await statusOf(token)).toBe(200);
  await shot(page, "tokens");
  expect(await barriers(page)).toEqual([]);
  await row.getByRole("button", { name: "Revoke" }).click();
  await page.click("#question-yes");
  await said(page, "revoked");
  await page.locator("#tokens", { hasText: "None yet" }).waitFor();
  expect(await statusOf(token)).toBe(401);
  expect(faults.filter((fault) => !fault.includes("403"))).toEqual([]);
});

test("a login at the provider is linked and unlinked, and the erasure says what goes, asks, and leaves nothing", async () => {
  const { page, faults } = await arrive("leaving");
  await page.route("**/auth/methods", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), provider: { name: "The club" } } });
  });
  const unlinked: string[] = [];
  await page.route("**/me/identities**", (route) => {
    const { method, url } = { method: route.request().method(), url: route.request().url() };
    if (method === "POST") return route.fulfill({ json: { url: `${server.url}/#linked` } });
    if (method === "DELETE") unlinked.push(url.replace(/.*\//, ""));
    if (method === "DELETE") return route.fulfill({ status: 204 });
    const one = { id: "one", issuer: "https://club.example", subject: "leaving-7", createdAt: Date.now() };
    return route.fulfill({ json: { identities: unlinked.length > 0 ? [] : [one] } });
  });
  await page.click("#account-open");
  await openTab(page, "Security");
  await page.getByRole("button", { name: "Link a login at The club" }).click();
  await said(page, "is linked");
  expect(page.url()).toBe(`${server.url}/`);
  await page.click("#account-open");
  await openTab(page, "Security");
  const row = page.locator("#identities li", { hasText: "leaving-7 at club.example" });
  await row.scrollIntoViewIfNeeded();
  await shot(page, "security");
  await row.getByRole("button", { name: "Unlink" }).click();
  await page.click("#question-yes");
  await row.waitFor({ state: "detached" });
  expect(unlinked).toEqual(["one"]);

  await openTab(page, "Data");
  await page.locator("#erased dt", { hasText: "What stays" }).waitFor();
  await page.fill("#erase-password", "not this one");
  await page.click("#erase");
  await page.locator("#question-text", { hasText: "cannot be undone" }).waitFor();
  await page.click("#question-yes");
  await page.locator("#erase-password-error", { hasText: "wrong" }).waitFor();
  await shot(page, "data");
  expect(await barriers(page)).toEqual([]);
  await page.fill("#erase-password", PASSWORD);
  await page.press("#erase-password", "Enter");
  await page.click("#question-yes");
  await page.locator("#entry-note", { hasText: "account is erased" }).waitFor();
  await page.fill("#entry-name", "leaving");
  await page.fill("#entry-password", PASSWORD);
  await page.press("#entry-password", "Enter");
  await page.locator("#entry-error", { hasText: "Unknown name" }).waitFor();
  expect(faults.filter((fault) => !/401|WebSocket/.test(fault))).toEqual([]);
});

test("a user exports their data in the account's dialog, proves who they are, and downloads the archive", async () => {
  const { page } = await arrive("archivist");
  await createRoom(page, "records");
  await say(page, "worth keeping");
  await messages(page).getByText("worth keeping").waitFor();
  const proofs: unknown[] = [];
  await page.route("**/me/exports", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    proofs.push(route.request().postDataJSON());
    if (proofs.length > 1) return route.continue();
    return route.fulfill({ status: 401, contentType: "application/problem+json", json: { code: "proof_required" } });
  });
  await page.click("#account-open");
  await page.getByRole("tab", { name: "Data" }).click();
  await page.click("#export-ask");
  await page.fill("#export-password", "not this one");
  await page.press("#export-password", "Enter");
  await page.locator("#export-password-error", { hasText: "wrong" }).waitFor();
  await page.fill("#export-password", PASSWORD);
  await page.press("#export-password", "Enter");
  await page.locator("#export-state", { hasText: /waits for its turn|is made:/ }).waitFor();
  await page.locator("#export-download").waitFor({ timeout: 30_000 });
  expect(await page.locator("#export-progress").isVisible()).toBe(false);
  expect(proofs).toEqual([{}, { password: "not this one" }, { password: PASSWORD }]);
  const coming = page.waitForEvent("download");
  await page.click("#export-download");
  const download = await coming;
  expect(download.suggestedFilename()).toMatch(/^hubbub-export-.*\.zip$/);
  expect((await readFile(await download.path())).subarray(0, 2).toString()).toBe("PK");
  await page.click("#account-close");
  await isIn(page, "records");
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
