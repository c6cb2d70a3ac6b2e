import { HubbubError, type HubbubHttp } from "@hubbub/client";

/** An address works for a quarter of an hour at least. */
const KEPT_MS = 10 * 60_000;
const LINKS_MAX = 500;

/** Addresses of files, asked for when they are first looked at. */
export class FileLinks {
  readonly #http: Pick<HubbubHttp, "files">;
  readonly #changed: () => void;
  readonly #known = new Map<string, { readonly url: string | undefined; readonly at: number }>();

  constructor(http: Pick<HubbubHttp, "files">, changed: () => void) {
    this.#http = http;
    this.#changed = changed;
  }

  /** undefined: not known yet, or gone. */
  of(room: string, file: string): string | undefined {
    const known = this.#known.get(file);
    if (known === undefined || Date.now() - known.at > KEPT_MS) this.#ask(room, file);
    return known?.url;
  }

  #ask(room: string, file: string): void {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= LINKS_MAX && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(file, { url: this.#known.get(file)?.url, at: Date.now() });
    this.#http.files.url(room, file).then(
      (url) => {
        this.#known.set(file, { url, at: Date.now() });
        this.#changed();
      },
      (error: unknown) => {
        if (!(error instanceof HubbubError)) throw error;
      },
    );
  }
}
