import { fileURLToPath } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { startChromium } from "../services/chromium.ts";
import { chooseSlowMode, dropFile, pastePicture } from "./page-acts.ts";
import { barriers, CONTRASTS, createRoom, isIn, messages, openRoom, say, visit } from "./page-visit.ts";

/** What becomes of messages on the page, in a real Chromium. */
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

async function replyInThread(page: Page, text: string, reply: string): Promise<void> {
  await choose(page, text, "Reply in thread");
  await page.fill("#panel-text", reply);
  await page.press("#panel-text", "Enter");
  await page.locator("#panel-items").getByText(reply).waitFor();
}

/** One red pixel. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
  "base64",
);

/** Files that are pasted and dropped go with the next message. A file that is dropped elsewhere does not replace the page. */
async function shareFiles(page: Page, reader: Page): Promise<void> {
  await page.focus("#compose-text");
  await pastePicture(page, PICTURE);
  await page.locator("#uploads .upload", { hasText: "image.png" }).locator(".stored").waitFor();
  const dropping = page.locator("#talk.dropping");
  await dropFile(page, "#scroll", fileURLToPath(import.meta.url), () => dropping.waitFor());
  await page.locator("#uploads .upload", { hasText: "page-messages" }).locator(".stored").waitFor();
  await dropping.waitFor({ state: "detached" });
  // A browser with a window opens what the page does not refuse.
  await page.evaluate(`addEventListener("dragover", (event) => {
    globalThis.effect = event.defaultPrevented ? event.dataTransfer.dropEffect : "opens it";
  })`);
  await dropFile(page, "#room-list", fileURLToPath(import.meta.url));
  expect(await page.evaluate("effect")).toBe("none");
  expect(await page.locator("#uploads .upload").count()).toBe(2);
  await say(page, "pasted and dropped");
  await rowOf(reader, "pasted and dropped").locator("img.picture[src]").waitFor();
  await rowOf(reader, "pasted and dropped").locator("a", { hasText: "page-messages" }).waitFor();
  await page.locator("#uploads").waitFor({ state: "detached" });
}

/** Their author deletes a picture in the viewer and a file in the menu. Others keep the message and see what is gone. */
async function deleteFiles(page: Page, reader: Page): Promise<void> {
  await rowOf(reader, "pasted and dropped").locator(".menu-button").click();
  expect(await reader.locator("#message-menu", { hasText: "Delete" }).count()).toBe(0);
  await reader.keyboard.press("Escape");
  await rowOf(page, "pasted and dropped").locator("img.picture").click();
  await page.click("#viewer-delete");
  await page.locator("#question-text", { hasText: "Delete image.png for everybody" }).waitFor();
  await page.click("#question-yes");
  await page.locator("#viewer").waitFor({ state: "detached" });
  await rowOf(page, "pasted and dropped").locator(".file.gone", { hasText: "image.png" }).waitFor();
  await choose(page, "pasted and dropped", "Delete page-messages");
  await page.click("#question-yes");
  await rowOf(page, "pasted and dropped").locator(".file.gone", { hasText: "page-messages" }).waitFor();
  await reader.reload();
  await rowOf(reader, "pasted and dropped").locator(".file.gone").nth(1).waitFor();
  expect(await rowOf(reader, "pasted and dropped").locator("a, img.picture").count()).toBe(0);
  expect(await barriers(page)).toEqual([]);
}

/** A page that is read from right to left: everything is mirrored, nothing is cut off, and words of the page stay in order. */
async function readFromRight(page: Page): Promise<void> {
  const [side, talk, panel] = [page.locator(".side"), page.locator("#talk"), page.locator("#panel")];
  const leftOf = async (part: Locator): Promise<number> => (await part.boundingBox())?.x ?? Number.NaN;
  await page.evaluate("document.documentElement.dir = 'rtl'");
  expect(await leftOf(panel)).toBeLessThan(await leftOf(talk));
  expect(await leftOf(talk)).toBeLessThan(await leftOf(side));
  expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  const words = "getComputedStyle(document.querySelector('#items .thread-link .words')).unicodeBidi";
  expect(await page.evaluate(words)).toBe("plaintext");
  expect(await barriers(page)).toEqual([]);
  await page.evaluate("document.documentElement.dir = ''");
}

async function followLink(page: Page, reader: Page): Promise<void> {
  await choose(page, "a question", "Copy link");
  await page.locator("#notice", { hasText: "The link is copied." }).waitFor();
  const link = await page.evaluate<string>("navigator.clipboard.readText()");
  const opened = await reader.context().newPage();
  await opened.goto(link);
  await opened.locator(".item.found", { hasText: "a question" }).waitFor();
  await opened.close();
}

/** A member waits between two messages, sees how long, and no longer than the room is slow. */
async function waitInSlowMode(owner: Page, member: Page): Promise<void> {
  await chooseSlowMode(owner, 60);
  await messages(member).getByText("slow mode 60 s").waitFor();
  await say(member, "one a minute");
  await member.locator("#slow", { hasText: /^Slow mode: (1:00|0:\d\d)$/ }).waitFor();
  const before = await member.locator("#slow").textContent();
  await expect.poll(() => member.locator("#slow").textContent()).not.toBe(before);
  await say(member, "once more");
  await member.locator("#notice", { hasText: "Send when it has passed." }).waitFor();
  expect(await barriers(member)).toEqual([]);
  for (const text of ["the owner", "waits never"]) await say(owner, text);
  await messages(member).getByText("waits never").waitFor();
  await chooseSlowMode(owner, 0);
  await member.locator("#slow").waitFor({ state: "detached" });
  await member.press("#compose-text", "Enter");
  await messages(owner).getByText("once more").waitFor();
}

test("edits, reactions, replies, threads, pins, files and deletions are seen by others, and after a reload", async () => {
  const ada = await visit(browser, { url: server.url, name: "ada" });
  const { page } = ada;
  await createRoom(page, "tea");
  const grace = await visit(browser, { url: server.url, name: "grace" });
  await openRoom(grace.page, "tea");
  for (const text of ["good mornink", "a question", "a secret"]) await say(page, text);
  await messages(grace.page).getByText("a secret").waitFor();

  await choose(page, "good mornink", "Edit");
  await say(page, "good morning");
  await choose(grace.page, "a question", "👍");
  await choose(grace.page, "good mor", "Reply");
  await say(grace.page, "to you too");
  await replyInThread(page, "a question", "an answer");
  await page.press("#compose-text", "ArrowUp");
  await page.locator("#subject", { hasText: "Editing: ada: a secret" }).waitFor();
  await page.keyboard.type(" of mine");
  await page.keyboard.press("Enter");
  await rowOf(grace.page, "a secret of mine").locator(".edited").waitFor();
  expect(await page.inputValue("#compose-text")).toBe("");
  await choose(page, "a question", "Pin");
  await page.setInputFiles("#files", { name: "red.png", mimeType: "image/png", buffer: PICTURE });
  await page.locator("#uploads .stored").waitFor();
  await say(page, "a picture");
  await choose(page, "a secret", "Delete");
  await page.click("#question-yes");

  const sees = async (seen: Page): Promise<void> => {
    await rowOf(seen, "good morning").locator(".edited").waitFor();
    await rowOf(seen, "a question").locator(".chip", { hasText: "👍 1" }).waitFor();
    await rowOf(seen, "a question").locator(".thread-link", { hasText: "1 reply" }).waitFor();
    await rowOf(seen, "to you too").locator(".quote", { hasText: "ada: good mor" }).waitFor();
    await seen.locator(".item.pinned", { hasText: "a question" }).waitFor();
    await rowOf(seen, "This message was deleted").waitFor();
    expect(await messages(seen).textContent()).not.toMatch(/an answer|a secret/);
    await expect
      .poll(() =>
        rowOf(seen, "a picture")
          .locator("img")
          .evaluate((picture) => "naturalWidth" in picture && picture.naturalWidth),
      )
      .toBe(1);
  };
  await sees(grace.page);
  await grace.page.reload();
  await isIn(grace.page, "tea");
  await sees(grace.page);
  await grace.page.click("#pins");
  await grace.page.locator("#panel-items").getByText("a question").waitFor();
  await rowOf(page, "a question").locator(".chip").hover();
  await page.locator(".tooltip", { hasText: "grace" }).waitFor();
  await rowOf(grace.page, "a question").locator(".chip").click();
  await rowOf(page, "a question").locator(".chip").waitFor({ state: "detached" });
  await page.click("#panel-close");
  await replyInThread(grace.page, "a question", "news of it");
  await page.locator("#threads.has-news .count", { hasText: /^1 / }).waitFor();
  await page.reload();
  await page.locator("#threads.has-news .count", { hasText: /^1 / }).click();
  await page.locator(".thread-row.has-news .count", { hasText: /^1 / }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.locator(".thread-row", { hasText: "ada: a question" }).click();
  await page.locator("#panel-items").getByText("news of it").waitFor();
  await page.locator("#threads:not(.has-news)").waitFor();
  await page.fill("#panel-text", "shared with all");
  await page.check("#panel-share");
  await page.press("#panel-text", "Enter");
  await rowOf(grace.page, "shared with all").locator(".thread-link", { hasText: "from a thread" }).waitFor();
  expect(await page.isChecked("#panel-share")).toBe(false);
  await readFromRight(page);
  expect(await barriers(page, CONTRASTS)).toEqual([]);
  await page.click("#thread-follow[aria-pressed=true]");
  await page.locator("#thread-follow[aria-pressed=false]").waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.click("#threads");
  await page.locator("#sheet-body", { hasText: "None yet" }).waitFor();
  await page.click("#sheet-close");
  expect(await rowOf(grace.page, "good morning").locator("button.edited").count()).toBe(0);
  await rowOf(page, "good morning").locator("button.edited").click();
  await page.locator("#revisions", { hasText: /now.*good morning.*as it was sent.*good mornink/s }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.click("#sheet-close");
  await rowOf(page, "a question").locator(".menu-button").click();
  expect(await barriers(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await shareFiles(page, grace.page);
  await deleteFiles(page, grace.page);
  await followLink(page, grace.page);
  await waitInSlowMode(page, grace.page);
  if (process.env["SHOTS"]) {
    await page.screenshot({ path: `${process.env["SHOTS"]}/ada.png` });
    await rowOf(grace.page, "a question").hover();
    await rowOf(grace.page, "a question").locator(".menu-button").click();
    await grace.page.screenshot({ path: `${process.env["SHOTS"]}/grace.png` });
    await grace.page.keyboard.press("Escape");
    await grace.page.setViewportSize({ width: 390, height: 800 });
    await grace.page.click("#panel-close");
    await grace.page.screenshot({ path: `${process.env["SHOTS"]}/phone.png` });
  }
  expect([...ada.faults, ...grace.faults]).toEqual([]);
});

test("marks make elements of a text, HTML and addresses of scripts stay text, and no text stops the page", async () => {
  const { page, faults } = await visit(browser, { url: server.url, name: "mark" });
  await createRoom(page, "marks");
  const hostile = "<img src=x onerror=alert(1)> [press](javascript:alert(1))";
  await say(page, hostile);
  await page.fill("#compose-text", "loud");
  await page.press("#compose-text", "ControlOrMeta+A");
  await page.press("#compose-text", "ControlOrMeta+B");
  await page.press("#compose-text", "End");
  await page.type("#compose-text", " @mark https://example.org/a_b_c `<b>`");
  await page.press("#compose-text", "Enter");
  await say(page, "> שלום\n\n1. one\n2. two\n\n```\nconst a;\n```");
  await messages(page).getByText("const a;").waitFor();

  const loud = rowOf(page, "loud").locator(".text");
  expect(await loud.locator("strong").textContent()).toBe("loud");
  expect(await loud.locator(".mention").textContent()).toBe("@mark");
  expect(await loud.locator("code").textContent()).toBe("<b>");
  const link = loud.locator("a");
  expect(await link.getAttribute("href")).toBe("https://example.org/a_b_c");
  expect(await link.getAttribute("rel")).toBe("noopener noreferrer nofollow");
  expect(await link.getAttribute("target")).toBe("_blank");
  const blocks = rowOf(page, "שלום").locator(".text");
  expect(await blocks.locator("blockquote:dir(rtl)").count()).toBe(1);
  expect(await blocks.locator("ol > li").allTextContents()).toEqual(["one", "two"]);
  expect(await blocks.locator("pre code").textContent()).toBe("const a;");
  expect(await rowOf(page, "onerror").locator(".text").textContent()).toBe(hostile);
  expect(await messages(page).locator(".text :is(img, script), a[href^=javascript]").count()).toBe(0);
  for (const part of ["*_[", "> ", "- ", "**a"]) await say(page, part.repeat(8_000 / part.length));
  await say(page, "the last");
  await messages(page).getByText("the last").waitFor();
  expect(faults).toEqual([]);
});
