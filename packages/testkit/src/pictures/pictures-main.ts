import { join } from "node:path";
import type { Page } from "playwright-core";
import { startEmbedded } from "../embedded.ts";
import { repositoryRoot } from "../paths.ts";
import { startChromium } from "../services/chromium.ts";
import { visit } from "../tests/page-visit.ts";
import { playOperators } from "./operators.ts";
import { measurePaint } from "./paint.ts";
import { playRelease, playTea } from "./scenes.ts";

/**
 * `npm run pictures`: the pictures of the page in docs/images; with `-- operators` that of the page of operators alone.
 * `npm run pictures -- paint`: when a slow phone shows the page.
 */
const FOLDER = join(repositoryRoot, "docs/images");
const DESKTOP = { width: 1200, height: 760 };
const TALL = { width: 1280, height: 1180 };
const PHONE = { width: 390, height: 760 };

await using server = await startEmbedded();
const browser = await startChromium();
try {
  if (process.argv.includes("paint")) console.log(JSON.stringify(await measurePaint(browser, server.url)));
  else {
    await shootOperators();
    if (!process.argv.includes("operators")) await shootAll();
  }
} finally {
  await browser.close();
}

async function shootAll(): Promise<void> {
  const { page } = await visit(browser, { url: server.url, name: "ada" });
  await page.setViewportSize(DESKTOP);
  await playRelease(browser, server, page);
  await shoot(page, "page", "light");
  await shoot(page, "page-dark", "dark");
  await page.click("#panel-close");
  await page.setViewportSize(PHONE);
  await shoot(page, "page-phone", "light");
  await page.setViewportSize(DESKTOP);
  await playTea(server, page);
  await shoot(page, "page-rtl", "light");
}

async function shootOperators(): Promise<void> {
  const { page, context } = await visit(browser, { url: server.url, name: "olga" });
  await page.setViewportSize(TALL);
  await playOperators(page, server.url);
  await shoot(page, "admin", "light");
  await context.close();
}

async function shoot(page: Page, name: string, colorScheme: "dark" | "light"): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
}
