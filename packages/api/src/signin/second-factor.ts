import { ProtocolError, type SecondFactor, type UserId } from "@hubbub/protocol";
import type { Store } from "@hubbub/store";
import type { LoginGuard } from "../auth/login-guard.ts";
import { hashRecoveryCode, newRecoveryCodes } from "./recovery-codes.ts";
import type { SecretBox } from "./secret-box.ts";
import type { Tickets } from "./tickets.ts";
import { hashOf } from "./token-text.ts";
import { stepOf } from "./totp.ts";

const TICKET_MS = 300_000;

/** The password was right, and the user has a second factor. */
export class SecondFactorRequired extends ProtocolError {
  readonly secondFactor: SecondFactor;

  constructor(secondFactor: SecondFactor) {
    super("second_factor_required");
    this.secondFactor = secondFactor;
  }
}

interface Parts {
  readonly store: Store;
  readonly loginGuard: LoginGuard;
  readonly tickets: Tickets;
  readonly secrets: SecretBox;
}

/** Codes of authenticator apps, and recovery codes. */
export class SecondFactors {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * For a login whose password was right. The ticket stands for that password only: it ends with a change of it.
   * @throws SecondFactorRequired
   */
  async demand(user: UserId, passwordHash: string, address: string): Promise<void> {
    const { store, tickets } = this.#parts;
    const { totp, passkey, recoveryCodes } = await store.signin.factors.of(user);
    if (!totp && !passkey) return;
    const hasPasskey = passkey || (await store.signin.passkeys.list(user)).length > 0;
    const data = { password: hashOf(passwordHash) };
    const ticket = await tickets.issue("second-factor", { address, user, ttlMs: TICKET_MS, data });
    throw new SecondFactorRequired({
      ticket,
      methods: [
        ...(totp ? (["totp"] as const) : []),
        ...(hasPasskey ? (["passkey"] as const) : []),
        ...(recoveryCodes > 0 ? (["recovery"] as const) : []),
      ],
      expiresInMs: TICKET_MS,
    });
  }

  /**
   * Uses a code up. Six digits are of an app, everything else is a recovery code. Wrong codes delay the next ones, from
   * wherever they come: only somebody who knows the password, or is logged in, gets here.
   * @throws ProtocolError bad_code, rate_limited
   */
  async useCode(user: UserId, code: string, address: string): Promise<"totp" | "recovery"> {
    const bare = bareCode(code);
    const isTotp = /^\d{6}$/.test(bare);
    await this.#guard(user, address, () => (isTotp ? this.#useTotp(user, bare, true) : this.#useRecovery(user, bare)));
    return isTotp ? "totp" : "recovery";
  }

  /** Turns an app on with its first code. @throws ProtocolError bad_code, already_enabled, rate_limited */
  async confirmTotp(user: UserId, code: string, address: string): Promise<void> {
    await this.#guard(user, address, () => this.#useTotp(user, bareCode(code), false));
    if (!(await this.#parts.store.signin.factors.confirm(user, { by: user, address })))
      throw new ProtocolError("already_enabled");
  }

  async #guard(user: UserId, address: string, use: () => Promise<boolean>): Promise<void> {
    const stranger = async () => ({ user, isKnown: false });
    const guess = { username: `second factor of ${user}`, address, user };
    const { verdict } = await this.#parts.loginGuard.attempt(guess, stranger, async () => ({
      verdict: (await use()) ? ("right" as const) : ("wrong" as const),
    }));
    if (verdict === "wrong") throw new ProtocolError("bad_code");
  }

  /** The new codes; earlier ones are void. */
  async renewRecoveryCodes(user: UserId, address: string): Promise<string[]> {
    const codes = newRecoveryCodes();
    const hashes = codes.map((code) => hashRecoveryCode(user, code.replaceAll("-", "")));
    await this.#parts.store.signin.factors.replaceRecoveryCodes(user, hashes, { by: user, address });
    return codes;
  }

  /** The first second factor of a user comes with recovery codes. Later ones leave those alone. */
  async recoveryCodesIfNone(user: UserId, address: string): Promise<string[] | undefined> {
    const { recoveryCodes } = await this.#parts.store.signin.factors.of(user);
    return recoveryCodes > 0 ? undefined : await this.renewRecoveryCodes(user, address);
  }

  async #useTotp(user: UserId, code: string, isConfirmed: boolean): Promise<boolean> {
    const { store, secrets } = this.#parts;
    const found = await store.signin.factors.find(user);
    if (found === null || found.isConfirmed !== isConfirmed) return false;
    const opened = secrets.open(found.secret, user);
    if (opened === null)
      throw new ProtocolError("unavailable", "the key of this secret is not in SECRET_KEYS; use a recovery code");
    const step = stepOf(opened.text, code);
    if (step === null || !(await store.signin.factors.useStep(user, found.secret, step))) return false;
    if (opened.isOld) await store.signin.factors.rewrap(user, found.secret, secrets.seal(opened.text, user));
    return true;
  }

  #useRecovery(user: UserId, code: string): Promise<boolean> {
    return this.#parts.store.signin.factors.useRecoveryCode(user, hashRecoveryCode(user, code));
  }
}

function bareCode(code: string): string {
  return code.replace(/[\s-]/g, "");
}
