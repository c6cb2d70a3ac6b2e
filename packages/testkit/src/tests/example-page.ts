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
  const page = await browser.newPage();
  const html = '<div id="root"></div><script type="module" src="/example/main.js"></script>';
  await page.route(`${url}/example/**`, (route) =>
    new URL(route.request().url()).pathname.endsWith(".js")
      ? route.fulfill({ contentType: "text/javascript", body: outputFiles[0]?.text ?? "" })
      : route.fulfill({ contentType: "text/html", body: html }),
  );
  await page.goto(`${url}/example/${query}`);
  return page;
}
