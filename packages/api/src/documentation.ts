import { readFileSync } from "node:fs";
import { describeWire } from "@hubbub/protocol/asyncapi";
import type { Hono } from "hono";
import type { ApiEnv } from "./context.ts";
import { describeApi } from "./openapi.ts";
import { answerPage, toPage } from "./pages.ts";

/** The same path from src and from dist. */
const FOLDER = new URL("../docs-page/", import.meta.url);

const PAGES = [
  { path: "/docs", file: "index.html", type: "text/html; charset=utf-8" },
  { path: "/docs/page.css", file: "page.css", type: "text/css; charset=utf-8" },
  { path: "/docs/page.js", file: "page.js", type: "text/javascript; charset=utf-8" },
] as const;

/** Serves `/openapi.json`, `/asyncapi.json` and a page that shows it. The page loads nothing from other hosts. */
export function routeDocumentation(app: Pick<Hono<ApiEnv>, "get">): void {
  for (const [path, document] of [
    ["/openapi.json", describeApi()],
    ["/asyncapi.json", describeWire()],
  ] as const) {
    const page = toPage(new TextEncoder().encode(JSON.stringify(document)), "application/json");
    app.get(path, (c) => answerPage(c, page));
  }
  for (const { path, file, type } of PAGES) {
    const page = toPage(readFileSync(new URL(file, FOLDER)), type);
    app.get(path, (c) => answerPage(c, page));
  }
}
