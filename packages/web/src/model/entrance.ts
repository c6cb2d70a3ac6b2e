import { HubbubAccount, type HubbubError, HubbubHttp, HubbubSignin, type PasskeyAnswer } from "@hubbub/client";
import type { PublicUser, SecondFactor, SigninMethods, Tokens } from "@hubbub/protocol";
import type { AddressTask } from "./address-task.ts";
import { explain } from "./explain.ts";
import { hasPasskeys, usePasskey } from "./passkey.ts";

export interface Entry {
  readonly way: "login" | "signup" | "guest";
  readonly username: string;
  readonly password: string;
}

/**
 * Which form the entry shows. `factor`: the password was right, and one of `methods` is asked for too. `needsCode`: no link
 * of a mail was opened here.
 */
export type EntryStep =
  | { readonly kind: "ways" | "forgot" }
  | { readonly kind: "reset"; readonly needsCode: boolean }
  | { readonly kind: "factor"; readonly methods: SecondFactor["methods"] };

export interface EntryPage {
  readonly step: EntryStep;
  readonly isBusy: boolean;
  /** "" for none. */
  readonly error: string;
  /** What went well; "" for nothing. */
  readonly note: string;
}

/** Offers beside a password: none until the server has told them. */
export type Offers = Partial<Pick<SigninMethods, "mail" | "passkey" | "provider">>;

export interface EntranceHost {
  readonly url: string;
  show(page: EntryPage): void;
  offer(offers: Offers): void;
  entered(tokens: Tokens): void;
}

const WAYS: EntryPage = { step: { kind: "ways" }, isBusy: false, error: "", note: "" };
const NO_PASSKEY = "No passkey was used. Try again, or use another way.";
const CONFIRMED = "Your e-mail address is confirmed.";
const CHANGED = "Your new password holds. Log in with it.";
const LINKED = "This login is linked. It opens your account from now on.";
const NOT_LOGGED_IN = "The login provider refused, or could not be reached. Try again, or use another way.";
/** Why the server sent the browser back without a login. */
const PROVIDER_REFUSALS: ReadonlyMap<string, string> = new Map([
  ["identity_taken", "This login belongs to another account. Unlink it there first."],
  ["limit_reached", "You have as many linked logins as you may. Unlink one first."],
  ["bad_ticket", "The login took too long, or began in another browser. Begin again."],
]);
const MAILED =
  "If an account has confirmed this address, a mail is on its way. Its link, or its code, is good for an hour.";

/** Everything before a user is logged in: password, second factor, passkey, provider, and the links of mails. */
export class Entrance {
  readonly #host: EntranceHost;
  /** One for all tries: it knows a creation that is tried again. */
  readonly #http: HubbubHttp;
  readonly #signin: HubbubSignin;
  readonly #account: HubbubAccount;
  /** Of the login that waits for its second factor. */
  #ticket = "";
  /** Of the mail with which a password is reset. */
  #code = "";
  #page = WAYS;

  constructor(host: EntranceHost) {
    this.#host = host;
    this.#http = new HubbubHttp({ url: host.url });
    this.#signin = new HubbubSignin(this.#http);
    this.#account = new HubbubAccount(this.#http);
  }

  /** The first form. `error`, `note`: what happened before. */
  open({ error = "", note = "" } = {}): void {
    this.#ticket = "";
    this.#code = "";
    this.#show({ ...WAYS, error, note });
    this.#signin.methods().then(
      ({ mail, passkey, provider }) =>
        this.#host.offer({ mail, passkey: passkey && hasPasskeys(), ...(provider && { provider }) }),
      (error: unknown) => explain(error),
    );
  }

  forgot(): void {
    this.#show({ ...WAYS, step: { kind: "forgot" } });
  }

  /** Asks for the new password that a mail allows. `code`: of its link, or "" where the user types it. */
  reset(code: string, note = ""): void {
    this.#code = code;
    this.#show({ ...WAYS, step: { kind: "reset", needsCode: code === "" }, note });
  }

  async enter({ way, username, password }: Entry): Promise<void> {
    const guest = username === "" ? {} : { name: username };
    await this.#attempt(async () => {
      const tokens = way === "guest" ? this.#http.guest(guest) : this.#http[way]({ username, password });
      this.#host.entered(await tokens);
    });
  }

  /** `code`: of an authenticator app, or a recovery code. */
  async finish(code: string): Promise<void> {
    await this.#attempt(async () => this.#host.entered(await this.#signin.finish(this.#ticket, { code })));
  }

  /** As the second factor of a login that waits for one, else as the whole login. */
  async enterByPasskey(): Promise<void> {
    const ticket = this.#page.step.kind === "factor" ? this.#ticket : undefined;
    await this.#attempt(async () => {
      const passkey = await usePasskey(await this.#signin.passkeyOptions(ticket));
      if (passkey === undefined) this.#show({ ...this.#page, isBusy: false, error: NO_PASSKEY });
      else this.#host.entered(await this.#passkeyLogin(passkey, ticket));
    });
  }

  async mail(address: string): Promise<void> {
    await this.#attempt(async () => {
      await this.#account.forgotPassword(address);
      this.reset("", MAILED);
    });
  }

  /** `typed`: the code of the mail, where its link was not opened. */
  async setPassword(newPassword: string, typed = ""): Promise<void> {
    await this.#attempt(async () => {
      await this.#account.resetPassword({ code: this.#code || typed, newPassword });
      this.open({ note: CHANGED });
    });
  }

  /** Of the address. Answers what to tell the user; undefined: the page shows it, or the user is entering. */
  async take({ kind, code }: AddressTask): Promise<string | undefined> {
    if (kind === "reset-password") {
      this.reset(code);
      return undefined;
    }
    if (kind === "confirm-email") return this.#account.confirmEmail(code).then(() => CONFIRMED, explain);
    if (kind === "linked") return LINKED;
    if (kind === "login_refused") return PROVIDER_REFUSALS.get(code) ?? NOT_LOGGED_IN;
    this.#show({ ...WAYS, isBusy: true });
    await this.#attempt(async () => this.#host.entered(await this.#signin.providerLogin(code)));
    return undefined;
  }

  #passkeyLogin(passkey: PasskeyAnswer, ticket: string | undefined): Promise<Tokens & { user: PublicUser }> {
    return ticket === undefined ? this.#signin.passkeyLogin(passkey) : this.#signin.finish(ticket, { passkey });
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.#show({ ...this.#page, isBusy: true, error: "", note: "" });
    await work().catch((error: unknown) => this.#refused(error));
  }

  #refused(error: unknown): void {
    const told = explain(error);
    const { code, secondFactor } = error as HubbubError;
    if (secondFactor !== undefined) {
      this.#ticket = secondFactor.ticket;
      this.#show({ ...WAYS, step: { kind: "factor", methods: secondFactor.methods } });
    } else if (code === "bad_ticket") this.open({ error: told });
    else this.#show({ ...this.#page, isBusy: false, error: told });
  }

  #show(page: EntryPage): void {
    this.#page = page;
    this.#host.show(page);
  }
}
