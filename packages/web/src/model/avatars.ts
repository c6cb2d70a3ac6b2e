import { HubbubAccount, HubbubError, type HubbubHttp } from "@hubbub/client";
import { persist } from "./persist.ts";

/** Users whose picture is kept, or whose lack of one is known; at the bound the oldest goes. */
const USERS_MAX = 300;

/** Pictures of users, as addresses within the page. Each is asked for once. */
export class Avatars {
  readonly #http: HubbubHttp;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, Promise<string | undefined>>();

  constructor(http: HubbubHttp, signal: AbortSignal) {
    this.#http = http;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#known.clear());
  }

  /** undefined: the user has none, or shares no room with this one any more. */
  of(user: string): Promise<string | undefined> {
    const known = this.#known.get(user);
    if (known !== undefined) return known;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= USERS_MAX && oldest !== undefined) this.forget(oldest);
    const loading = this.#load(user);
    this.#known.set(user, loading);
    return loading;
  }

  /** The picture has changed. */
  forget(user: string): void {
    this.#known.delete(user);
  }

  async #load(user: string): Promise<string | undefined> {
    try {
      const profile = await persist(() => new HubbubAccount(this.#http).profile(user), this.#signal);
      const { avatar } = profile ?? {};
      if (avatar === undefined) return undefined;
      const picture = await persist(() => this.#http.avatars.get(user, avatar), this.#signal);
      return picture === undefined ? undefined : await addressOf(picture);
    } catch (error) {
      if (error instanceof HubbubError) return undefined;
      throw error;
    }
  }
}

/** With the content in it: the policy of the page allows no others. */
function addressOf(picture: Blob): Promise<string> {
  const reader = new FileReader();
  reader.readAsDataURL(picture);
  return new Promise((resolve, reject) => {
    reader.addEventListener("load", () => resolve(String(reader.result)));
    reader.addEventListener("error", () => reject(reader.error));
  });
}
