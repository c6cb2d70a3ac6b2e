import { randomInt } from "node:crypto";
import { GUEST_PREFIX, isReservedName, ProtocolError, type PublicUser } from "@hubbub/protocol";
import type { Users } from "@hubbub/store";

const SUFFIX_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
const SUFFIX_LENGTH = 6;
const USERNAME_MAX_LENGTH = 32;
/** Leaves room for prefix and suffix within the length of a username. */
const WISH_MAX_LENGTH = USERNAME_MAX_LENGTH - GUEST_PREFIX.length - 1 - SUFFIX_LENGTH;
/** There are a billion suffixes for a name: more attempts than this mean that something else is wrong. */
const GUEST_NAME_TRIES = 5;
/** Minimum interval between two counts of the guests in the store. */
const COUNT_MS = 5_000;
const FULL_RETRY_MS = 60_000;

/**
 * The name of a guest has a fixed prefix. If the wished name is taken by a guest or an account, it gets a random
 * suffix, so that a guest cannot pose as another user. @throws ProtocolError username_reserved
 */
export async function createGuest(
  users: Users,
  wish: string | undefined,
  creationKey: string | undefined,
  reserved: readonly string[],
): Promise<PublicUser> {
  const name = wish?.toLowerCase().startsWith(GUEST_PREFIX) ? wish.slice(GUEST_PREFIX.length) : wish;
  if (name !== undefined && isReservedName(name, reserved)) throw new ProtocolError("username_reserved");
  const isPlain = name !== undefined && name !== "" && !(await users.looksTaken(name));
  for (let tries = isPlain ? 0 : 1; tries < GUEST_NAME_TRIES; tries += 1) {
    const username = tries === 0 ? plain(name ?? "") : withSuffix(name ?? "");
    try {
      return await users.create({ username, passwordHash: null, creationKey });
    } catch (error) {
      if (!(error instanceof ProtocolError && error.code === "username_taken")) throw error;
      // A concurrent call with the same id was faster.
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

/**
 * Bounds the guests of the whole cluster. The count is some seconds old, plus the guests that this process added since.
 */
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
      throw new ProtocolError("overloaded", "there are too many guests; sign up, or try again later", {
        retryAfterMs: FULL_RETRY_MS,
      });
    }
    this.#count += 1;
  }
}
