import { randomBytes } from "node:crypto";
import { ProtocolError, rateLimited, type UserId } from "@hubbub/protocol";
import type { SigninStep, Store } from "@hubbub/store";
import { hashOf } from "./token-text.ts";

/** Of a user; the oldest goes. */
const USER_MAX = 10;
/** Upper bound of tickets of the whole cluster that need no login: about 10 MB of rows. */
const TOTAL_MAX = 20_000;
const FULL_RETRY_MS = 10_000;
const ATTEMPTS_MAX = 5;

export type TicketKind =
  | "second-factor"
  | "passkey-add"
  | "passkey-login"
  | "passkey-factor"
  | "provider"
  | "provider-done";

interface NewTicket {
  readonly address: string;
  /** null: anybody may ask for it, and so it counts for its address. */
  readonly user: UserId | null;
  readonly ttlMs: number;
  readonly data?: unknown;
}

interface Redeemed {
  readonly user: UserId | null;
  readonly data: unknown;
}

/**
 * What the server remembers between two requests of a sign-in, in the store, so that any process takes the next one. The
 * client holds a ticket, of which the store has the hash. A ticket is used once and expires.
 */
export class Tickets {
  readonly #store: Store;
  readonly #addressMax: number;

  constructor(store: Store, addressMax: number) {
    this.#store = store;
    this.#addressMax = addressMax;
  }

  /** @throws ProtocolError rate_limited, overloaded */
  async issue(kind: TicketKind, { address, user, ttlMs, data = {} }: NewTicket): Promise<string> {
    const ticket = randomBytes(32).toString("base64url");
    const state = await this.#store.signin.steps.begin({
      hash: hashOf(ticket),
      kind,
      address,
      user,
      data: JSON.stringify(data),
      expiresAt: new Date(Date.now() + ttlMs),
      max: user === null ? this.#addressMax : USER_MAX,
      total: TOTAL_MAX,
    });
    if (state === "address_full") {
      const limit = { name: "address_signins_pending", count: this.#addressMax };
      throw rateLimited(limit, FULL_RETRY_MS, "too many logins in progress from this address");
    }
    if (state === "full")
      throw new ProtocolError("overloaded", "too many logins in progress", { retryAfterMs: FULL_RETRY_MS });
    return ticket;
  }

  /** Counts an answer that may be wrong. The ticket stays, for five of them. @throws ProtocolError bad_ticket */
  async attempt(kind: TicketKind, ticket: string): Promise<Redeemed> {
    return redeemed(await this.#store.signin.steps.attempt(hashOf(ticket), kind, ATTEMPTS_MAX));
  }

  /** Of racing calls one gets it. @throws ProtocolError bad_ticket */
  async take(kind: TicketKind, ticket: string): Promise<Redeemed> {
    return redeemed(await this.#store.signin.steps.take(hashOf(ticket), kind));
  }
}

function redeemed(step: SigninStep | null): Redeemed {
  if (step === null) throw new ProtocolError("bad_ticket");
  return { user: step.user, data: JSON.parse(step.data) };
}
