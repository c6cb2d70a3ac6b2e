import { setTimeout as delay } from "node:timers/promises";
import { hostOf } from "../hosts.ts";
import { isUnavailable } from "../unavailable.ts";

/** The connections to one host. */
export interface Host {
  readonly url: string;
  /** Ends them at once, with the statements under way on them. */
  drop(): void;
}

interface PrimaryOptions<H extends Host> {
  readonly urls: readonly [string, ...string[]];
  open(url: string): H;
  /** On a new connection. */
  isStandby(url: string): Promise<boolean>;
}

/** How long a call waits for a primary. */
const WAIT_MS = 5_000;
/** Pause between two rounds over all hosts. */
const ROUND_MS = 300;
/** The server says that it is a standby, or that it stops: none of its connections is of use. */
const DEMOTED: ReadonlySet<string> = new Set(["25006", "57P01", "57P02", "57P03"]);

/** Temporary: a failover takes seconds. */
export class NoPrimary extends Error {
  override readonly name = "NoPrimary";
  readonly code = "57P03";
  /** Why each host is none: a SQLSTATE, or what the system says of the connection. */
  readonly codes: readonly string[];

  constructor(message: string, codes: readonly string[] = []) {
    super(message);
    this.codes = codes;
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return "code" in error ? String(error.code) : codeOf(error.cause);
}

/** The probe found no free connection. Of the host in use that is no news: its other connections work on, and new ones ask again. */
function hasNoRoom(error: Error): boolean {
  return "code" in error && error.code === "53300";
}

/** Which of several hosts accepts writes. With one host it asks nothing. */
export class Primary<H extends Host> {
  readonly #options: PrimaryOptions<H>;
  #host: H | undefined;
  #isTrusted = false;
  #search: Promise<H> | undefined;
  #seen = "none was asked yet";
  #codes: readonly string[] = [];
  #isClosed = false;

  constructor(options: PrimaryOptions<H>) {
    this.#options = options;
  }

  /** @throws NoPrimary */
  async host(): Promise<H> {
    const { urls, open } = this.#options;
    if (urls.length === 1) this.#host ??= open(urls[0]);
    if (this.#host !== undefined && (this.#isTrusted || urls.length === 1)) return this.#host;
    const given = new AbortController();
    const tooLong = delay(WAIT_MS, undefined, { signal: given.signal }).then(() => this.#none());
    // It loses the race when it is aborted.
    tooLong.catch(() => undefined);
    return await Promise.race([this.#look(), tooLong]).finally(() => given.abort());
  }

  /** The answer of a statement on `host`: another one may be the primary now. What came of an earlier host says nothing of it. */
  failed(error: unknown, host: H): void {
    if (this.#options.urls.length === 1 || host !== this.#host || !isUnavailable(error)) return;
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const isDemoted = DEMOTED.has(code);
    // Other SQLSTATEs come from a primary that is busy.
    if (/^[0-9A-Z]{5}$/.test(code) && !isDemoted && !code.startsWith("08")) return;
    this.#isTrusted = false;
    if (isDemoted) this.#leave();
    this.#look().catch(() => undefined);
  }

  close(): H | undefined {
    this.#isClosed = true;
    return this.#host;
  }

  /** One search for all callers. It ends when a host is the primary. */
  #look(): Promise<H> {
    this.#search ??= this.#untilFound().finally(() => {
      this.#search = undefined;
    });
    return this.#search;
  }

  async #untilFound(): Promise<H> {
    for (;;) {
      const url = await this.#ask();
      if (url !== undefined && url !== this.#host?.url) this.#leave();
      if (url !== undefined) {
        this.#isTrusted = true;
        this.#host ??= this.#options.open(url);
        return this.#host;
      }
      if (this.#isClosed) return this.#none();
      await delay(ROUND_MS, undefined, { ref: false });
    }
  }

  /** @throws when all hosts refuse for good */
  async #ask(): Promise<string | undefined> {
    const { urls, isStandby } = this.#options;
    const asked = urls.map(async (url) => {
      if (await isStandby(url)) throw new NoPrimary("is a standby");
      return url;
    });
    try {
      return await Promise.any(asked);
    } catch (error) {
      const { errors } = error as { errors: readonly Error[] };
      const busy = urls[errors.findIndex(hasNoRoom)];
      if (busy !== undefined && busy === this.#host?.url) return busy;
      if (!errors.some(isUnavailable)) throw errors[0];
      this.#seen = errors.map(({ message }, at) => `${hostOf(urls[at] ?? "")} ${message}`).join("; ");
      this.#codes = errors.map(codeOf);
      return undefined;
    }
  }

  #leave(): void {
    this.#host?.drop();
    this.#host = undefined;
  }

  #none(): never {
    throw new NoPrimary(
      `no host of DATABASE_URL is a primary (${this.#seen}): wait for the failover, or promote a standby`,
      this.#codes,
    );
  }
}
