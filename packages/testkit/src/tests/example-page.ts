import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { repositoryRoot } from "../paths.ts";

/** The React example, built and opened by a guest below the address of the server. */
export async function openExample(browser: Browser, url: string, query: string): Promise<Page> {
  const { outputFiles } = await build({
    entryPoints: [`${repositoryRoot}examples/react/main.tsx`],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    jsx: "automatic",
    conditions: ["@hubbub/source"],
    define: { "process.env.NODE_ENV": '"production"' },
  });
  // A document of the server itself: what Chromium is handed from elsewhere may not connect to this machine.
  const page = await browser.newPage({ bypassCSP: true });
  await page.goto(`${url}/readyz${query}`);
  await page.setContent('<div id="root"></div>');
  await page.addScriptTag({ content: outputFiles[0]?.text ?? "", type: "module" });
  return page;
}
