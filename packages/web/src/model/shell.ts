/** A file of the build: its path below the page ("" is the page itself), and its SHA-256 in hex. */
export type ShellFile = readonly [path: string, digest: string];

export interface ShellParts {
  /** The address of the page, with a slash at the end. */
  readonly scope: string;
  readonly files: readonly ShellFile[];
  readonly caches: CacheStorage;
  fetch(request: Request): Promise<Response>;
}

/** What is read of a request. */
export type Asked = Pick<Request, "method" | "url" | "mode">;

/** Caches of earlier releases that are kept: pages that are open may still load parts of theirs. */
const EARLIER_KEPT = 1;

/**
 * The files of one release of the page, kept in the browser. They are served from there, so the page opens without a network and
 * is always whole: never files of two releases together. Nothing else is kept, no answer of the API above all.
 */
export class Shell {
  readonly #parts: ShellParts;
  readonly #files: ReadonlyMap<string, string>;
  readonly #prefix: string;
  #named: Promise<string> | undefined;

  constructor(parts: ShellParts) {
    this.#parts = parts;
    this.#files = new Map(parts.files);
    this.#prefix = `hubbub-page ${parts.scope} `;
  }

  /** All files, or none. @throws when one cannot be had as this release has it */
  async install(): Promise<void> {
    const name = await this.#name();
    await this.#parts.caches.delete(name);
    const cache = await this.#parts.caches.open(name);
    try {
      for (const [path, digest] of this.#files) await this.#keep(cache, path, digest);
    } catch (error) {
      await this.#parts.caches.delete(name);
      throw error;
    }
  }

  /** Removes the files of earlier releases, except those of the last one. */
  async activate(): Promise<void> {
    const { caches } = this.#parts;
    const own = await this.#name();
    const earlier = (await caches.keys()).filter((name) => name.startsWith(this.#prefix) && name !== own);
    for (const name of earlier.slice(0, -EARLIER_KEPT)) await caches.delete(name);
  }

  /** undefined: the request goes to the network as if there were no service worker. */
  answer({ method, url, mode }: Asked): Promise<Response> | undefined {
    const { scope } = this.#parts;
    const address = url.replace(/[?#].*$/s, "");
    if (method !== "GET" || !address.startsWith(scope)) return undefined;
    const path = address.slice(scope.length);
    if (path === "" && mode !== "navigate") return undefined;
    if (this.#files.has(path)) return this.#file(path);
    return path.startsWith("assets/") ? this.#earlier(path) : undefined;
  }

  async #file(path: string): Promise<Response> {
    const cache = await this.#parts.caches.open(await this.#name());
    return (await cache.match(this.#parts.scope + path)) ?? this.#parts.fetch(this.#request(path));
  }

  /** A file with a digest in its name, of another release. */
  async #earlier(path: string): Promise<Response> {
    for (const name of await this.#parts.caches.keys()) {
      if (!name.startsWith(this.#prefix)) continue;
      const found = await (await this.#parts.caches.open(name)).match(this.#parts.scope + path);
      if (found !== undefined) return found;
    }
    return this.#parts.fetch(this.#request(path));
  }

  async #keep(cache: Cache, path: string, digest: string): Promise<void> {
    const response = await this.#parts.fetch(this.#request(path));
    const found = await sha256(await response.clone().arrayBuffer());
    // Behind a proxy another server of another release may have answered.
    if (!response.ok || found !== digest) throw new Error(`${path || "the page"} is not that of this release`);
    await cache.put(this.#parts.scope + path, response);
  }

  #request(path: string): Request {
    return new Request(this.#parts.scope + path, { cache: "no-cache" });
  }

  /** Of this release's cache. */
  #name(): Promise<string> {
    const all = new TextEncoder().encode([...this.#files].flat().join("\n"));
    this.#named ??= sha256(all).then((digest) => this.#prefix + digest.slice(0, 16));
    return this.#named;
  }
}

async function sha256(bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
