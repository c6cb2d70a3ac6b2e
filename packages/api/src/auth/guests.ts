import { randomInt } from "node:crypto";
import { GUEST_PREFIX, isReservedName, ProtocolError, type PublicUser } from "@hubbub/protocol";
import type { Users } from "@hubbub/store";

const SUFFIX_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
const SUFFIX_LENGTH = 6;
const USERNAME_MAX_LENGTH = 32;
/** With mark and suffix the name still is a username. */
const WISH_MAX_LENGTH = USERNAME_MAX_LENGTH - GUEST_PREFIX.length - 1 - SUFFIX_LENGTH;
/** A billion ends a name: more tries than this mean that something else is wrong. */
const GUEST_NAME_TRIES = 5;
/** The number of guests is asked of the store at most this often. */
const COUNT_MS = 5_000;
const FULL_RETRY_MS = 60_000;

/**
 * A guest's name is marked by its beginning. A wish that is taken, also by an account, gets a random end: a guest is never somebody
 * else. @throws ProtocolError username_reserved
 */
export async function createGuest(
  users: Users,
  wish: string | undefined,
  creationKey: string | undefined,
): Promise<PublicUser> {
  const name = wish?.toLowerCase().startsWith(GUEST_PREFIX) ? wish.slice(GUEST_PREFIX.length) : wish;
  if (name !== undefined && isReservedName(name)) throw new ProtocolError("username_reserved");
  const isPlain = name !== undefined && name !== "" && !(await users.looksTaken(name));
  for (let tries = isPlain ? 0 : 1; tries < GUEST_NAME_TRIES; tries += 1) {
    const username = tries === 0 ? plain(name ?? "") : withSuffix(name ?? "");
    try {
      return await users.create({ username, passwordHash: null, creationKey });
    } catch (error) {
      if (!(error instanceof ProtocolError && error.code === "username_taken")) throw error;
      // Of two calls with one id the other was faster.
      const created = creationKey === undefined ? null : await users.findCreated(creationKey);
      if (created !== null) return created;
    }
  }
  throw new ProtocolError("username_taken");
}

function plain(name: string): string {
  return `${GUEST_PREFIX}${name}`.slice(0, USERNAME_MAX_LENGTH);
}

function withSuffix(name: string): string {
  const suffix = Array.from({ length: SUFFIX_LENGTH }, () => SUFFIX_ALPHABET[randomInt(SUFFIX_ALPHABET.length)]);
  const own = name.slice(0, WISH_MAX_LENGTH);
  return `${GUEST_PREFIX}${own}${own === "" ? "" : "-"}${suffix.join("")}`;
}

/** A bound on the guests there are, in the whole cluster: known to some seconds, and to what this process adds meanwhile. */
export class GuestCount {
  readonly #users: Users;
  readonly #max: number;
  #count: number | undefined;
  #countedAt = 0;

  constructor(users: Users, max: number) {
    this.#users = users;
    this.#max = max;
  }

  /** @throws ProtocolError overloaded */
  async admit(): Promise<void> {
    if (this.#count === undefined || performance.now() - this.#countedAt >= COUNT_MS) {
      this.#countedAt = performance.now();
      this.#count = await this.#users.countGuests();
    }
    if (this.#count >= this.#max) {
      throw new ProtocolError("overloaded", "there are too many guests; sign up, or come back later", {
        retryAfterMs: FULL_RETRY_MS,
      });
    }
    this.#count += 1;
  }
}
