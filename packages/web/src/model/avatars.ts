import { HubbubAccount, HubbubError, type HubbubHttp } from "@hubbub/client";
import { persist } from "./persist.ts";

/** Users whose picture and name are kept, or whose lack of them is known; at the bound the oldest goes. */
const USERS_MAX = 300;

/** How somebody looks to others. */
export interface Look {
  /** undefined: it is not known. */
  readonly username: string | undefined;
  /** Address of the picture within the page. */
  readonly picture: string | undefined;
  readonly displayName: string | undefined;
}

const PLAIN: Look = { username: undefined, picture: undefined, displayName: undefined };

/** Pictures and display names of users. Each user is asked for once. */
export class Avatars {
  readonly #http: HubbubHttp;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, Promise<Look>>();

  constructor(http: HubbubHttp, signal: AbortSignal) {
    this.#http = http;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#known.clear());
  }

  /** Nothing is known of those who share no room with the user any more. */
  of(user: string): Promise<Look> {
    const known = this.#known.get(user);
    if (known !== undefined) return known;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= USERS_MAX && oldest !== undefined) this.forget(oldest);
    const loading = this.#load(user);
    this.#known.set(user, loading);
    return loading;
  }

  /** The profile has changed. */
  forget(user: string): void {
    this.#known.delete(user);
  }

  async #load(user: string): Promise<Look> {
    try {
      const profile = await persist(() => new HubbubAccount(this.#http).profile(user), this.#signal);
      const { avatar, username, displayName } = profile ?? {};
      if (avatar === undefined) return { ...PLAIN, username, displayName };
      const picture = await persist(() => this.#http.avatars.get(user, avatar), this.#signal);
      return { username, displayName, picture: picture && (await addressOf(picture)) };
    } catch (error) {
      if (error instanceof HubbubError) return PLAIN;
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
