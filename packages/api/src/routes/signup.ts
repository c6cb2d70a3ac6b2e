import { randomInt } from "node:crypto";
import { ProtocolError, type PublicUser } from "@hubbub/protocol";
import type { Users } from "@hubbub/store";
import * as contract from "../contract/accounts.ts";
import type { ApiApp, Parts } from "../parts.ts";

const GUEST = "guest";
const SUFFIX_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
const SUFFIX_LENGTH = 6;
/** With its suffix the name still is a username. */
const WISH_MAX_LENGTH = 32 - 1 - SUFFIX_LENGTH;
/** Two billion ends a name: more tries than this mean that something else is wrong. */
const GUEST_NAME_TRIES = 5;

export function routeSignup(app: ApiApp, { store, settings, limits, passwords, sessions }: Parts): void {
  app.openapi(contract.signup, async (c) => {
    limits.signup(c.env.address);
    const { username, password, email } = c.req.valid("json");
    // Before the hash, which is what costs; create decides between two who ask at once.
    if ((await store.users.findByUsername(username)) !== null) throw new ProtocolError("username_taken");
    const passwordHash = await passwords.hash(password, c.req.raw.signal);
    const user = await store.users.create({ username, email, passwordHash });
    return c.json(await sessions.start(user), 201);
  });

  app.openapi(contract.guest, async (c) => {
    if (!settings.ALLOW_GUESTS) throw new ProtocolError("guests_disabled");
    limits.signup(c.env.address);
    const guest = await createGuest(store.users, c.req.valid("json").name);
    return c.json(await sessions.start(guest), 201);
  });
}

/** A wish that is taken gets a random end: a guest is never somebody else. */
async function createGuest(users: Users, wish: string | undefined): Promise<PublicUser> {
  for (let tries = 0; tries < GUEST_NAME_TRIES; tries += 1) {
    const username = tries === 0 && wish !== undefined ? wish : withSuffix(wish ?? GUEST);
    try {
      return await users.create({ username, passwordHash: null });
    } catch (error) {
      if (!(error instanceof ProtocolError && error.code === "username_taken")) throw error;
    }
  }
  throw new ProtocolError("username_taken");
}

function withSuffix(name: string): string {
  const suffix = Array.from({ length: SUFFIX_LENGTH }, () => SUFFIX_ALPHABET[randomInt(SUFFIX_ALPHABET.length)]);
  return `${name.slice(0, WISH_MAX_LENGTH)}-${suffix.join("")}`;
}
