import type { AccessTokenInfo, BotInfo, HookInfo, NewAccessToken, NewHook, Scope } from "@hubbub/protocol";
import { withLists } from "./answer-of.ts";
import type { Proof } from "./signin.ts";

type Call = <Answer>(method: string, path: string, body?: object) => Promise<Answer>;

/** Bots of the user, and hooks of rooms: docs/bots.md. */
export class HttpBots {
  readonly #root: string;
  readonly #call: Call;

  constructor({ root, call }: { readonly root: string; readonly call: Call }) {
    this.#root = root;
    this.#call = call;
  }

  /** The user's bot of this name is answered if there is one. @throws HubbubError username_taken, limit_reached */
  create(username: string): Promise<BotInfo> {
    return this.#call("POST", "/bots", { username });
  }

  async list(): Promise<readonly BotInfo[]> {
    return withLists(await this.#call<{ bots: BotInfo[] }>("GET", "/bots"), "bots").bots;
  }

  /** With its tokens and hooks. */
  async delete(bot: string): Promise<void> {
    await this.#call("DELETE", ofBot(bot));
  }

  /** Shown once: for `personalToken` of the program. */
  createToken(
    bot: string,
    token: Proof & { readonly name: string; readonly scopes: readonly Scope[]; readonly days?: number | undefined },
  ): Promise<NewAccessToken> {
    return this.#call("POST", `${ofBot(bot)}/tokens`, token);
  }

  async tokens(bot: string): Promise<readonly AccessTokenInfo[]> {
    return withLists(await this.#call<{ tokens: AccessTokenInfo[] }>("GET", `${ofBot(bot)}/tokens`), "tokens").tokens;
  }

  async revokeToken(bot: string, token: string): Promise<void> {
    await this.#call("DELETE", `${ofBot(bot)}/tokens/${encodeURIComponent(token)}`);
  }

  /** `url` posts into the room as the bot, with `{"text": "…"}` as Slack has it. It is shown once. For admins of the room. */
  async createHook(room: string, bot: string): Promise<NewHook & { readonly url: string }> {
    const hook = await this.#call<NewHook>("POST", ofRoom(room), { bot });
    return { ...hook, url: this.#root + hook.path };
  }

  async hooks(room: string): Promise<readonly HookInfo[]> {
    return withLists(await this.#call<{ hooks: HookInfo[] }>("GET", ofRoom(room)), "hooks").hooks;
  }

  async removeHook(room: string, hook: string): Promise<void> {
    await this.#call("DELETE", `${ofRoom(room)}/${encodeURIComponent(hook)}`);
  }
}

const ofBot = (bot: string) => `/bots/${encodeURIComponent(bot)}`;
const ofRoom = (room: string) => `/rooms/${encodeURIComponent(room)}/hooks`;
