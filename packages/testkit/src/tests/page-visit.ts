import axe from "axe-core";
import type { Browser, BrowserContext, Page, WebSocketRoute } from "playwright-core";

/** The page as a visitor uses it. */
export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Uncaught errors of the page and errors in its console. */
  readonly faults: string[];
}

export interface VisitOptions {
  readonly url: string;
  readonly name: string;
  /** The browser may keep the page, so that it opens without a network. */
  readonly isKept?: boolean;
  readonly prepare?: ((context: BrowserContext) => Promise<void>) | undefined;
}

/** Each tab has a connection of its own then, as in browsers that have no SharedWorker. Only that one can be intercepted. */
export function withoutWorker(target: Pick<Page, "addInitScript">): Promise<void> {
  return target.addInitScript("delete globalThis.SharedWorker").then(() => undefined);
}

/** For one step, on a busy machine. */
const STEP_MS = 20_000;

/** A visitor with a browser of their own, signed up. */
export async function visit(browser: Browser, { url, name, prepare, isKept }: VisitOptions): Promise<Visit> {
  // Requests of a page that a service worker serves cannot be intercepted.
  const context = await browser.newContext({ serviceWorkers: isKept ? "allow" : "block" });
  context.setDefaultTimeout(STEP_MS);
  await prepare?.(context);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  await page.goto(url);
  await enter(page, name);
  return { context, page, faults };
}

/** Signs up, on a page that shows its entry. */
export async function enter(page: Page, name: string): Promise<void> {
  await page.check("input[value=signup]");
  await page.fill("#entry-name", name);
  await page.fill("#entry-password", "tea at half past four");
  await page.click("#entry-submit");
  await page.locator("#me", { hasText: name }).waitFor();
}

export async function createRoom(page: Page, name: string, isPrivate = false): Promise<void> {
  await page.click("#create-open");
  await page.fill("#create-name", name);
  await page.setChecked("#create-private", isPrivate);
  await page.press("#create-name", "Enter");
  await isIn(page, name);
}

export async function openRoom(page: Page, name: string): Promise<void> {
  await page.locator("#room-list button", { hasText: name }).click();
  await isIn(page, name);
}

/** The room is shown and its past is loaded. */
export async function isIn(page: Page, name: string): Promise<void> {
  await page.locator("[data-stage=in] #talk-name", { hasText: name }).waitFor();
  await page.locator("#older", { hasNotText: "Loading" }).waitFor({ state: "attached" });
}

export async function say(page: Page, text: string): Promise<void> {
  await page.fill("#compose-text", text);
  await page.press("#compose-text", "Enter");
}

/** A menu stands beside the landmarks of the page, like the menus of a browser. */
const AXE: axe.RunOptions = { rules: { region: { enabled: false } } };
type Look = Readonly<NonNullable<Parameters<Page["emulateMedia"]>[0]>>;
const THEMES: readonly Look[] = [{ colorScheme: "dark" }, { colorScheme: "light" }];
/** What people see whose system asks for more contrast. */
export const CONTRASTS: readonly Look[] = THEMES.map((theme) => ({ ...theme, contrast: "more" }));

/** Colours on their way from one theme to the other are nobody's. */
const SETTLED = `Promise.all(
  document.getAnimations()
    .filter(({ effect }) => Number.isFinite(effect.getComputedTiming().endTime))
    .map(({ finished }) => finished.catch(() => undefined)),
).then(() => undefined)`;

/** What stands in the way of people with disabilities on the page as it is now, in its dark and in its light theme or other ones. */
export async function barriers(page: Page, looks = THEMES): Promise<string[]> {
  const found: string[] = [];
  await page.evaluate(axe.source);
  for (const look of looks) {
    await page.emulateMedia({ contrast: "no-preference", ...look, reducedMotion: "reduce" });
    await page.evaluate(SETTLED);
    const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(${JSON.stringify(AXE)})`);
    for (const { id, nodes } of violations)
      for (const { html, failureSummary } of nodes)
        found.push(`${JSON.stringify(look)} ${id}: ${html} ${failureSummary}`);
  }
  return found;
}

/** What the browser keeps of the user's rooms, as text. */
export function keptOffline(page: Page): Promise<string> {
  return page.evaluate(`new Promise((resolve, reject) => {
    const opening = indexedDB.open("hubbub.offline");
    opening.onerror = reject;
    opening.onsuccess = () => {
      const all = opening.result.transaction("kept").objectStore("kept").getAll();
      all.onsuccess = () => resolve(JSON.stringify(all.result));
    };
  })`);
}

/** Paths of all answers that the browser keeps for the page. */
export function keptPaths(page: Page): Promise<string[]> {
  return page.evaluate(`(async () => {
    const kept = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
    const requests = await Promise.all(kept.map((cache) => cache.keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  })()`);
}

export const messages = (page: Page) => page.locator("#items");
export const onTheirWay = (page: Page) => page.locator("#drafts");

/** Stands between the page and the server: publishes can be swallowed or refused. */
export class Wire {
  isHeld = false;
  refused = "";

  async install(context: BrowserContext): Promise<void> {
    await withoutWorker(context);
    await context.routeWebSocket(/\/ws$/, (route) => this.#connect(route));
  }

  #connect(route: WebSocketRoute): void {
    const server = route.connectToServer();
    route.onMessage((text) => {
      const frame = JSON.parse(String(text)) as { type: string; ref: number; text?: string };
      if (frame.type === "publish" && this.isHeld) return;
      if (frame.type === "publish" && frame.text === this.refused) {
        const { ref } = frame;
        route.send(JSON.stringify({ type: "error", ref, code: "forbidden", message: "nobody may say that" }));
        return;
      }
      server.send(text);
    });
  }
}
