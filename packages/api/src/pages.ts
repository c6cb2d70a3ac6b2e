import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Context } from "hono";

/** A folder of pages has a few hundred kilobytes. The bound detects a wrong path at the start. */
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

/** As the build names scripts, styles and images that the page refers to. */
const FIXED = /^\/assets\/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/;

type Encoding = "br" | "gzip";

export interface Page {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Compressed once at the start, best encoding first; only where it is shorter. */
  readonly compressed: ReadonlyMap<Encoding, Uint8Array<ArrayBuffer>>;
  readonly type: string;
  readonly etag: string;
  /** The name has a digest of the content: what is behind it never changes. */
  readonly isFixed: boolean;
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
    pages.set(path.replace(/(?<=\/)index\.html$|\.html$/, ""), toPage(readFileSync(file), type, FIXED.test(path)));
  }
  return pages;
}

export function toPage(content: Uint8Array, type: string, isFixed = false): Page {
  const etag = `"${createHash("sha256").update(content).digest("base64url")}"`;
  return { body: new Uint8Array(content), compressed: compress(content, type), type, etag, isFixed };
}

/** Shorter answers fit into one packet uncompressed. */
const COMPRESSED_FROM_BYTES = 1_024;
const COMPRESSIBLE = /^text\/|^application\/|svg/;
const BROTLI_QUALITY = 9;

function compress(content: Uint8Array, type: string): Page["compressed"] {
  if (content.length < COMPRESSED_FROM_BYTES || !COMPRESSIBLE.test(type)) return new Map();
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  const made: [Encoding, Uint8Array<ArrayBuffer>][] = [
    ["br", new Uint8Array(brotliCompressSync(content, { params }))],
    ["gzip", new Uint8Array(gzipSync(content))],
  ];
  return new Map(made.filter(([, bytes]) => bytes.length < content.length));
}

/** The first of the encodings that the header names without refusing it (`q=0`). */
function chooseEncoding(compressed: Page["compressed"], accepted: string): Encoding | undefined {
  const named = new Set(
    accepted
      .split(",")
      .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
      .map((part) => part.split(";", 1)[0]?.trim().toLowerCase()),
  );
  return [...compressed.keys()].find((encoding) => named.has(encoding));
}

/**
 * Browsers cache pages and revalidate them each time: a deploy never mixes old script with new markup. Only what has its
 * digest in its name is not asked for again.
 */
export function answerPage(c: Context, { body, compressed, type, etag, isFixed }: Page): Response {
  const encoding = chooseEncoding(compressed, c.req.header("accept-encoding") ?? "");
  // Each form of the page is a representation of its own, with the same digest in its tag.
  c.header("etag", encoding === undefined ? etag : etag.replace(/"$/, `-${encoding}"`));
  if (compressed.size > 0) c.header("vary", "accept-encoding");
  c.header("cache-control", isFixed ? "public, max-age=31536000, immutable" : "no-cache");
  // A proxy that compresses makes the tag a weak one.
  if (c.req.header("if-none-match")?.includes(etag.slice(0, -1))) return c.body(null, 304);
  c.header("content-type", type);
  if (encoding === undefined) return c.body(body);
  c.header("content-encoding", encoding);
  return c.body(compressed.get(encoding) ?? body);
}
