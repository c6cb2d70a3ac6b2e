import { loadavg } from "node:os";
import type { Browser } from "playwright-core";

/** A slow phone: a quarter of this machine's speed, and the "slow 4G" of browsers. */
const CPU_RATE = 4;
const MBIT_DOWN = 1.6;
const MBIT_UP = 0.75;
const RTT_MS = 150;
const BYTES_OF_MBIT = 1_000_000 / 8;
const VISITS = 5;

export interface Paint {
  /** Milliseconds after the navigation: something is painted, and the login can be used. */
  readonly firstPaint: number;
  readonly entry: number;
}

/** The first visit of a browser that has nothing of the page. Answers the median of several. */
export async function measurePaint(browser: Browser, url: string): Promise<Paint & { readonly load: number }> {
  const load = loadavg()[0] ?? 0;
  const paints: Paint[] = [];
  for (let visit = 0; visit < VISITS; visit += 1) paints.push(await paintOf(browser, url));
  const median = (of: keyof Paint): number =>
    Math.round(paints.map((paint) => paint[of]).toSorted((one, other) => one - other)[VISITS >> 1] ?? 0);
  return { firstPaint: median("firstPaint"), entry: median("entry"), load };
}

async function paintOf(browser: Browser, url: string): Promise<Paint> {
  const context = await browser.newContext({ viewport: { width: 390, height: 760 }, serviceWorkers: "block" });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: RTT_MS,
    downloadThroughput: MBIT_DOWN * BYTES_OF_MBIT,
    uploadThroughput: MBIT_UP * BYTES_OF_MBIT,
  });
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: CPU_RATE });
  await page.addInitScript(`{
    const look = () => document.querySelector("#entry-submit") ? (globalThis.entryAt = performance.now()) : requestAnimationFrame(look);
    look();
  }`);
  await page.goto(url, { timeout: 60_000 });
  await page.locator("#entry-submit").waitFor({ timeout: 60_000 });
  const paint = await page.evaluate<Paint>(`({
    firstPaint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    entry: globalThis.entryAt,
  })`);
  await context.close();
  return paint;
}
