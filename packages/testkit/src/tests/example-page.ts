import { type BuildOptions, build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { repositoryRoot } from "../paths.ts";

/** The React example, built and opened by a guest below the address of the server. */
export async function openExample(browser: Browser, url: string, query: string): Promise<Page> {
  // A document of the server itself: what Chromium is handed from elsewhere may not connect to this machine.
  const page = await browser.newPage({ bypassCSP: true });
  await page.goto(`${url}/readyz${query}`);
  await page.setContent('<div id="root"></div>');
  await addScript(page, { entryPoints: [`${repositoryRoot}examples/react/main.tsx`] });
  return page;
}

/** An empty page of the server with the SDK as `sdk`. The context must bypass the policy of the page. */
export async function openSdk(
  context: BrowserContext,
  url: string,
  prepare: (page: Page) => Promise<void> = async () => undefined,
): Promise<Page> {
  const page = await context.newPage();
  await prepare(page);
  await page.goto(`${url}/readyz`);
  const contents = 'import * as sdk from "@hubbub/client"; globalThis.sdk = sdk;';
  await addScript(page, { stdin: { contents, resolveDir: `${repositoryRoot}packages/testkit` } });
  // A module of the page runs when Chromium gets to it, and the tag is there before.
  await page.waitForFunction("globalThis.sdk !== undefined", undefined, { polling: 20 });
  return page;
}

async function addScript(page: Page, source: Pick<BuildOptions, "entryPoints" | "stdin">): Promise<void> {
  const { outputFiles } = await build({
    ...source,
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    jsx: "automatic",
    conditions: ["@hubbub/source"],
    define: { "process.env.NODE_ENV": '"production"' },
  });
  await page.addScriptTag({ content: outputFiles[0]?.text ?? "", type: "module" });
}
