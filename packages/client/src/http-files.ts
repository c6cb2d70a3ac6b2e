import {
  type FileLink,
  type FileLinks,
  HTTP_PREFIX,
  newId,
  type ThumbnailSize,
  type UploadedFile,
} from "@hubbub/protocol";
import { withLists } from "./answer-of.ts";
import { HubbubError } from "./hubbub-error.ts";
import { LinkBatches } from "./link-batches.ts";
import { sendContent } from "./send-content.ts";

/** A stream can be read once: its upload is not repeated here. */
export type UploadContent = Blob | ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>;

export interface UploadOptions {
  /** What people see, and save it under. */
  readonly name: string;
  /** 1 to 64 of `[A-Za-z0-9_-]`: the same id again answers the same file. Default: a fresh one. */
  readonly id?: string | undefined;
  /** Bytes that were handed over so far, and all of them where that is known. */
  readonly onProgress?: ((sent: number, total: number | undefined) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface FilesHost {
  /** Of the server, without a slash at its end. */
  readonly root: string;
  withToken<Answer>(attempt: (token: string) => Promise<Answer>): Promise<Answer>;
  call<Answer>(method: string, path: string, body?: object): Promise<Answer>;
}

/** The files of rooms over HTTP. */
export class HttpFiles {
  readonly #host: FilesHost;
  readonly #links: LinkBatches;

  constructor(host: FilesHost) {
    this.#host = host;
    this.#links = new LinkBatches((room, files) => this.links(room, files));
  }

  /** @throws HubbubError file_too_large, quota_exceeded, not_member, too_slow …; the reason of the signal once that is aborted */
  upload(room: string, content: UploadContent, options: UploadOptions): Promise<UploadedFile> {
    const query = new URLSearchParams({ id: options.id ?? newId(), name: options.name });
    const url = `${this.#host.root}${HTTP_PREFIX}${pathOf(room)}?${query}`;
    return this.#host.withToken((token) => sendContent<UploadedFile>({ url, token, content, ...options }));
  }

  /** An address that needs no header, until it ends. Many at once are asked for in one call, and kept while they are good. */
  async url(room: string, file: string, options: { thumbnail?: ThumbnailSize | undefined } = {}): Promise<string> {
    const link = await this.#links.link(room, file);
    const path = options.thumbnail === undefined ? link?.url : link?.thumbnails?.[options.thumbnail];
    if (path === undefined) throw new HubbubError("unknown_file");
    return this.#host.root + path;
  }

  /** At most 100. Unknown ones are left out. */
  async links(room: string, files: readonly string[]): Promise<{ links: FileLink[]; expiresAt: number }> {
    return withLists(await this.#host.call<FileLinks>("POST", `${pathOf(room)}/links`, { files }), "links");
  }

  /** For its author, and for owners of the room. */
  delete(room: string, file: string): Promise<void> {
    return this.#host.call("DELETE", `${pathOf(room)}/${encodeURIComponent(file)}`);
  }
}

function pathOf(room: string): string {
  return `/rooms/${encodeURIComponent(room)}/files`;
}
