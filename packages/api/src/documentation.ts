import { readFileSync } from "node:fs";
import type { Hono } from "hono";
import type { ApiEnv } from "./context.ts";
import { describeApi } from "./openapi.ts";
import { answerPage, toPage } from "./pages.ts";

/** The folder lies beside src and dist alike. */
const FOLDER = new URL("../docs-page/", import.meta.url);

const PAGES = [
  { path: "/docs", file: "index.html", type: "text/html; charset=utf-8" },
  { path: "/docs/page.css", file: "page.css", type: "text/css; charset=utf-8" },
  { path: "/docs/page.js", file: "page.js", type: "text/javascript; charset=utf-8" },
] as const;

/** `/openapi.json` and a page that shows it, without anything from elsewhere. */
export function routeDocumentation(app: Pick<Hono<ApiEnv>, "get">): void {
  const document = toPage(new TextEncoder().encode(JSON.stringify(describeApi())), "application/json");
  app.get("/openapi.json", (c) => answerPage(c, document));
  for (const { path, file, type } of PAGES) {
    const page = toPage(readFileSync(new URL(file, FOLDER)), type);
    app.get(path, (c) => answerPage(c, page));
  }
}
