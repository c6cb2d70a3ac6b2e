import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import type { SigningKeys } from "./signing-keys.ts";

/** In front of every ticket, so that it is not taken for an access token, and scanners of logs find one. */
export const TICKET_PREFIX = "hwt_";
export const TICKET_SECONDS = 30;
/** A clock that is further behind than this accepts no ticket. */
const CLOCK_SECONDS = 60;
/** How long a redeemed ticket must be remembered: longer than any clock accepts it. */
export const TICKET_MEMORY_MS = (TICKET_SECONDS + CLOCK_SECONDS + 30) * 1_000;

const FORM = /^hwt_([\w-]{1,2048})\.([\w-]{43})$/;
const PURPOSE = "socket tickets";

interface Sealed {
  readonly id: string;
  /** Unix seconds. */
  readonly end: number;
  readonly claims: unknown;
}

/**
 * A ticket says what an access token says, for one handshake. It is sealed with a secret of the signing keys and stored
 * nowhere. The redeeming gateway keeps its id in Redis for `TICKET_MEMORY_MS`. Its characters fit a query and the name of a subprotocol.
 */
export function sealTicket(keys: Pick<SigningKeys, "secrets">, claims: object, now = Date.now()): string {
  const [secret = new Uint8Array()] = keys.secrets(PURPOSE);
  const sealed: Sealed = { id: randomUUID(), end: Math.floor(now / 1_000) + TICKET_SECONDS, claims };
  const text = Buffer.from(JSON.stringify(sealed)).toString("base64url");
  return `${TICKET_PREFIX}${text}.${macOf(secret, text).toString("base64url")}`;
}

/** null: it is wrong in any way, or over. Whether it was redeemed before is for the caller to find out. */
export function openTicket(
  keys: Pick<SigningKeys, "secrets">,
  ticket: string,
  now = Date.now(),
): Pick<Sealed, "id" | "claims"> | null {
  const [, text = "", mac = ""] = FORM.exec(ticket) ?? [];
  const given = Buffer.from(mac, "base64url");
  if (given.length === 0 || !keys.secrets(PURPOSE).some((secret) => timingSafeEqual(macOf(secret, text), given))) {
    return null;
  }
  const { id, end, claims } = JSON.parse(Buffer.from(text, "base64url").toString()) as Sealed;
  const left = end - now / 1_000;
  return left > 0 && left <= TICKET_SECONDS + CLOCK_SECONDS ? { id, claims } : null;
}

function macOf(secret: Uint8Array, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest();
}
