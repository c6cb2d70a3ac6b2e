import type { Readable } from "node:stream";
import {
  type ByteRange,
  ContentMissing,
  type FileStorage,
  isShownInPlace,
  THUMBNAIL_TYPE,
  type ThumbnailSize,
} from "@hubbub/files";
import { ProtocolError } from "@hubbub/protocol";
import type { FileRecord } from "@hubbub/store";
import { create as contentDisposition } from "content-disposition";
import type { HonoRequest } from "hono";
import type { ApiSettings } from "../settings.ts";
import { AtOnce } from "./at-once.ts";
import { archiveKey, thumbnailKey } from "./keys.ts";
import { askedRange, isKnown } from "./ranges.ts";

/** What a client says about the version and the part that it wants. */
export interface Asked {
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

export function askedOf(request: Pick<HonoRequest, "header">): Asked {
  const { range, "if-range": ifRange, "if-none-match": ifNoneMatch } = request.header();
  return { range, ifRange, ifNoneMatch };
}

interface Content {
  readonly key: string;
  readonly type: string;
  readonly disposition: string;
  /** Where absent, `CACHED`. */
  readonly cacheControl?: string;
}

/** The content of a file never changes; but a file that was deleted must not live on in caches for long. */
const CACHED = "private, max-age=3600";
/** Whatever a browser takes the bytes for: it runs no script and loads nothing, in an origin of its own. */
const SANDBOX = "sandbox; default-src 'none'";

/** Sends files, as fast as their clients read. */
export class Downloads {
  readonly #storage: FileStorage;
  readonly #atOnce: AtOnce;

  constructor(storage: FileStorage, settings: ApiSettings) {
    this.#storage = storage;
    const bounds = { all: settings.DOWNLOADS_AT_ONCE, perUser: settings.DOWNLOADS_AT_ONCE_PER_USER };
    this.#atOnce = new AtOnce("downloads", bounds);
  }

  /** `user`: who reads. @throws ProtocolError unknown_file, overloaded, rate_limited */
  file(file: FileRecord, user: string, asked: Asked): Promise<Response> {
    const disposition = isShownInPlace(file.type, file.width !== null) ? "inline" : "attachment";
    const type = file.type === "text/plain" ? "text/plain; charset=utf-8" : file.type;
    const content = { key: file.hash, type, disposition: contentDisposition(file.name, { type: disposition }) };
    return this.#send({ ...content, bytes: file.bytes }, user, asked);
  }

  /** The archive of an export, which no cache keeps. @throws ProtocolError unknown_export, overloaded, rate_limited */
  async archive(
    { hash, bytes, name }: { hash: string; bytes: number; name: string },
    user: string,
    asked: Asked,
  ): Promise<Response> {
    const disposition = contentDisposition(name, { type: "attachment" });
    const content = { key: archiveKey(hash), type: "application/zip", disposition, cacheControl: "no-store", bytes };
    try {
      return await this.#send(content, user, asked);
    } catch (error) {
      const isGone = error instanceof ProtocolError && error.code === "unknown_file";
      throw isGone ? new ProtocolError("unknown_export", undefined, { cause: error }) : error;
    }
  }

  /** Thumbnails are small: they are sent whole. */
  async thumbnail(
    file: Pick<FileRecord, "hash" | "width">,
    size: ThumbnailSize,
    user: string,
    asked: Asked,
  ): Promise<Response> {
    if (file.width === null) throw new ProtocolError("unknown_file", "the file has no thumbnail: it is no picture");
    const content = { key: thumbnailKey(file.hash, size), type: THUMBNAIL_TYPE, disposition: "inline" };
    const headers = headersOf(content);
    if (isKnown(asked.ifNoneMatch, etagOf(content))) return new Response(null, { status: 304, headers });
    const end = this.#atOnce.begin(user);
    try {
      const chunks: Uint8Array[] = [];
      for await (const chunk of await this.#read(content.key)) chunks.push(chunk);
      return new Response(Buffer.concat(chunks), { headers });
    } finally {
      end();
    }
  }

  async #send(content: Content & { readonly bytes: number }, user: string, asked: Asked): Promise<Response> {
    const { key, bytes } = content;
    const etag = etagOf(content);
    const headers = headersOf(content);
    headers.set("accept-ranges", "bytes");
    if (isKnown(asked.ifNoneMatch, etag)) return new Response(null, { status: 304, headers });
    const range = askedRange(asked, { bytes, etag });
    if (range === "bad") throw new UnsatisfiableRange(bytes);
    if (bytes === 0) return new Response(null, { headers });
    const part = range === "none" ? { start: 0, end: bytes - 1 } : range;
    if (range !== "none") headers.set("content-range", `bytes ${part.start}-${part.end}/${bytes}`);
    headers.set("content-length", String(part.end - part.start + 1));
    const end = this.#atOnce.begin(user);
    try {
      const body = streamOf(await this.#read(key, part), end);
      return new Response(body, { status: range === "none" ? 200 : 206, headers });
    } catch (error) {
      end();
      throw error;
    }
  }

  async #read(key: string, range?: ByteRange): Promise<Readable> {
    try {
      return await this.#storage.read(key, range);
    } catch (error) {
      throw error instanceof ContentMissing ? new ProtocolError("unknown_file", undefined, { cause: error }) : error;
    }
  }
}

/** Answered with 416, and how long the file is. */
export class UnsatisfiableRange extends ProtocolError {
  readonly bytes: number;

  constructor(bytes: number) {
    super("bad_range", `the file has ${bytes} bytes`);
    this.bytes = bytes;
  }
}

function etagOf({ key }: Content): string {
  return `"${key}"`;
}

function headersOf(content: Content): Headers {
  return new Headers({
    "content-type": content.type,
    "content-disposition": content.disposition,
    etag: etagOf(content),
    "cache-control": content.cacheControl ?? CACHED,
    "content-security-policy": SANDBOX,
    "x-content-type-options": "nosniff",
  });
}

/** One chunk at a time. `end` is called once, however the stream ends. */
function streamOf(content: Readable, end: () => void): ReadableStream<Uint8Array> {
  const chunks = content[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (done !== true) return controller.enqueue(value);
          controller.close();
        } catch (error) {
          controller.error(error);
        }
        end();
      },
      cancel() {
        content.destroy();
        end();
      },
    },
    { highWaterMark: 0 },
  );
}
