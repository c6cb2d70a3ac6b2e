import { ProtocolError, type PublicUser, type UserId } from "@hubbub/protocol";
import type { Passkey, Store } from "@hubbub/store";
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import type { TicketKind, Tickets } from "./tickets.ts";

const CHALLENGE_MS = 300_000;
const TRANSPORTS_MAX = 8;
const TRANSPORT = /^[a-z-]{1,16}$/;

interface Parts {
  readonly store: Store;
  readonly tickets: Tickets;
  /** Of the page. Passkeys are bound to its host. */
  readonly origin: string;
}

interface Asked {
  readonly ticket: string;
  readonly options: object;
}

/** As the browser made it; its parts are judged by the library. */
export interface PasskeyAnswer {
  readonly ticket: string;
  readonly answer: { readonly id: string; readonly response: object };
}

/** WebAuthn: challenges that are asked once, and answers that are verified. */
export class PasskeyRites {
  readonly #parts: Parts;
  readonly #host: string;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#host = new URL(parts.origin).hostname;
  }

  /** For a new passkey of a user. */
  async askToAdd({ id, username }: PublicUser, address: string): Promise<Asked> {
    const known = await this.#parts.store.signin.passkeys.list(id);
    const options = await generateRegistrationOptions({
      rpName: "Hubbub",
      rpID: this.#host,
      userName: username,
      userID: new TextEncoder().encode(id),
      timeout: CHALLENGE_MS,
      excludeCredentials: known.map((passkey) => ({ id: passkey.id, transports: [...passkey.transports] })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
    return await this.#ask("passkey-add", { address, user: id }, options);
  }

  /** Takes the challenge. @throws ProtocolError bad_ticket, bad_passkey */
  async verifyNew(user: UserId, { ticket, answer }: PasskeyAnswer) {
    const { challenge, user: asked } = await this.#take("passkey-add", ticket);
    if (asked !== user) throw new ProtocolError("bad_ticket");
    const { registrationInfo: made } = await orRefuse(() =>
      verifyRegistrationResponse({
        response: answer as unknown as RegistrationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: this.#parts.origin,
        expectedRPID: this.#host,
      }),
    );
    if (made === undefined) throw new ProtocolError("bad_passkey");
    const { id, publicKey, counter, transports = [] } = made.credential;
    return {
      id,
      counter,
      publicKey: Buffer.from(publicKey).toString("base64url"),
      transports: transports.filter((name) => TRANSPORT.test(name)).slice(0, TRANSPORTS_MAX),
    };
  }

  /** For a login without a name: the authenticator knows the users of this host. */
  async askToLogIn(address: string): Promise<Asked> {
    const options = await generateAuthenticationOptions({
      rpID: this.#host,
      timeout: CHALLENGE_MS,
      userVerification: "required",
    });
    return await this.#ask("passkey-login", { address, user: null }, options);
  }

  /** For the second half of a login with a password. */
  async askForFactor(user: UserId, address: string): Promise<Asked> {
    const known = await this.#parts.store.signin.passkeys.list(user);
    const options = await generateAuthenticationOptions({
      rpID: this.#host,
      timeout: CHALLENGE_MS,
      userVerification: "required",
      allowCredentials: known.map((passkey) => ({ id: passkey.id, transports: [...passkey.transports] })),
    });
    return await this.#ask("passkey-factor", { address, user }, options);
  }

  /**
   * Takes the challenge, and notes the use of the passkey. `owner`: whose passkey it must be.
   * @throws ProtocolError bad_ticket, bad_passkey (also for a counter that did not rise: a copied authenticator)
   */
  async use(kind: "passkey-login" | "passkey-factor", given: PasskeyAnswer, owner?: UserId): Promise<PublicUser> {
    const { challenge, user: asked } = await this.#take(kind, given.ticket);
    const passkey = await this.#parts.store.signin.passkeys.find(given.answer.id);
    if (passkey === null) throw new ProtocolError("bad_passkey");
    const isOwn = owner === undefined || (passkey.user.id === owner && asked === owner);
    if (!isOwn) throw new ProtocolError("bad_passkey");
    const counter = await this.#verify(passkey, given.answer, challenge);
    if (!(await this.#parts.store.signin.passkeys.use(passkey.id, counter)))
      throw new ProtocolError(
        "bad_passkey",
        "this passkey was used elsewhere since: it may have been copied; remove it",
      );
    return passkey.user;
  }

  async #verify(passkey: Passkey, answer: PasskeyAnswer["answer"], challenge: string): Promise<number> {
    const { verified, authenticationInfo } = await orRefuse(() =>
      verifyAuthenticationResponse({
        response: answer as unknown as AuthenticationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: this.#parts.origin,
        expectedRPID: this.#host,
        credential: {
          id: passkey.id,
          publicKey: new Uint8Array(Buffer.from(passkey.publicKey, "base64url")),
          // The store compares the counter, in the statement that writes it.
          counter: 0,
        },
      }),
    );
    if (!verified) throw new ProtocolError("bad_passkey");
    return authenticationInfo.newCounter;
  }

  async #ask(
    kind: TicketKind,
    from: { address: string; user: UserId | null },
    options: { readonly challenge: string },
  ): Promise<Asked> {
    const data = { challenge: options.challenge };
    return { ticket: await this.#parts.tickets.issue(kind, { ...from, ttlMs: CHALLENGE_MS, data }), options };
  }

  async #take(kind: TicketKind, ticket: string): Promise<{ challenge: string; user: UserId | null }> {
    const { user, data } = await this.#parts.tickets.take(kind, ticket);
    return { user, challenge: (data as { challenge: string }).challenge };
  }
}

/** The library throws an error for whatever is wrong with an answer that a client made. */
async function orRefuse<Result>(verify: () => Promise<Result>): Promise<Result> {
  try {
    return await verify();
  } catch (error) {
    throw new ProtocolError("bad_passkey", undefined, { cause: error });
  }
}

/** @throws ProtocolError not_found: there is no page to bind passkeys to */
export function passkeysOf({ passkeys }: { readonly passkeys: PasskeyRites | null }): PasskeyRites {
  if (passkeys !== null) return passkeys;
  throw new ProtocolError("not_found", "this server has no PUBLIC_URL to bind passkeys to");
}
