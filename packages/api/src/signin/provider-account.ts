import { randomBytes, randomInt } from "node:crypto";
import { GUEST_PREFIX, isReservedName, ProtocolError, type PublicUser } from "@hubbub/protocol";
import { username as usernameSchema } from "@hubbub/protocol/http-signin";
import type { Store } from "@hubbub/store";
import type { Requester } from "../auth/fair-semaphore.ts";
import type { Passwords } from "../auth/passwords.ts";
import type { ApiSettings } from "../settings.ts";

const NAME_MAX_LENGTH = 32;
const SUFFIX_DIGITS = 5;
const TRIES = 8;
const FALLBACK = "user";

interface Parts {
  readonly store: Store;
  readonly passwords: Passwords;
  readonly settings: Pick<ApiSettings, "RESERVED_NAMES">;
}

/**
 * An account for somebody who logged in at a provider for the first time, under a free name. It never is an account that
 * exists, whatever the claims say. Its password is one that nobody knows: only guests have none.
 */
export async function createProviderAccount(
  { store, passwords, settings }: Parts,
  names: readonly string[],
  requester: Requester,
): Promise<PublicUser> {
  const passwordHash = await passwords.hash(randomBytes(32).toString("base64url"), requester);
  const wanted =
    names.map((name) => toUsername(name, settings.RESERVED_NAMES)).find((name) => name !== null) ?? FALLBACK;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const username = tries === 0 ? wanted : withSuffix(wanted);
    if (username === FALLBACK || (await store.users.looksTaken(username))) continue;
    try {
      return await store.users.create({ username, passwordHash });
    } catch (error) {
      if (!(error instanceof ProtocolError && error.code === "username_taken")) throw error;
    }
  }
  throw new ProtocolError("username_taken");
}

/** null: nothing of it can be a username. */
function toUsername(name: string, reserved?: readonly string[]): string | null {
  const plain = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9_.-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "")
    .slice(0, NAME_MAX_LENGTH);
  const isAllowed = usernameSchema.safeParse(plain).success && !isReservedName(plain, reserved);
  return isAllowed && !plain.toLowerCase().startsWith(GUEST_PREFIX) ? plain : null;
}

function withSuffix(name: string): string {
  const digits = Array.from({ length: SUFFIX_DIGITS }, () => randomInt(10)).join("");
  return `${name.slice(0, NAME_MAX_LENGTH - SUFFIX_DIGITS - 1)}-${digits}`;
}
