import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import type { Context } from "hono";

/** A folder of pages is a few hundred kilobytes; whoever points at something else learns it at the start. */
const PAGES_MAX_BYTES = 32 * 1024 * 1024;

const TYPES: ReadonlyMap<string, string> = new Map([
  [".css", "text/css; charset=utf-8"],
  [".html", "text/html; charset=utf-8"],
  [".ico", "image/x-icon"],
  [".js", "text/javascript; charset=utf-8"],
  [".json", "application/json"],
  [".png", "image/png"],
  [".svg", "image/svg+xml"],
  [".txt", "text/plain; charset=utf-8"],
  [".webmanifest", "application/manifest+json"],
  [".woff2", "font/woff2"],
]);

export interface Page {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
}

/**
 * The files of a folder by their URL path, read once: a request can only ever name one of them. Files with other
 * extensions than the known ones are left out.
 * @throws when the folder holds more than PAGES_MAX_BYTES
 */
export function readPages(folder: string): ReadonlyMap<string, Page> {
  const pages = new Map<string, Page>();
  let size = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = TYPES.get(extname(entry.name));
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    size += statSync(file).size;
    if (size > PAGES_MAX_BYTES) throw new Error(`${folder} holds more than ${PAGES_MAX_BYTES} bytes of pages`);
    const path = `/${relative(folder, file).split(sep).join("/")}`;
    pages.set(
      path.endsWith("/index.html") ? path.slice(0, -"index.html".length) : path,
      toPage(readFileSync(file), type),
    );
  }
  return pages;
}

export function toPage(content: Uint8Array, type: string): Page {
  const etag = `"${createHash("sha256").update(content).digest("base64url")}"`;
  return { body: new Uint8Array(content), type, etag };
}

/** Browsers keep pages but ask each time whether they still hold: no deploy leaves old script with new markup. */
export function answerPage(c: Context, { body, type, etag }: Page): Response {
  c.header("etag", etag);
  c.header("cache-control", "no-cache");
  // A proxy that compresses makes the tag a weak one.
  if (c.req.header("if-none-match")?.includes(etag)) return c.body(null, 304);
  c.header("content-type", type);
  return c.body(body);
}
