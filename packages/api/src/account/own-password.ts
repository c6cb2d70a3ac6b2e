import { ProtocolError, type UserId } from "@hubbub/protocol";
import type { UserRecord } from "@hubbub/store";
import type { Requester } from "../auth/fair-semaphore.ts";
import type { ApiContext } from "../context.ts";

export type Account = UserRecord & { readonly passwordHash: string };

/** @throws ProtocolError forbidden: a guest has no password */
export async function requireAccount({ store }: ApiContext, id: UserId): Promise<Account> {
  const user = await store.users.find(id);
  const passwordHash = user?.passwordHash ?? null;
  if (user === null || passwordHash === null) throw new ProtocolError("forbidden", "a guest cannot do this; sign up");
  return { ...user, passwordHash };
}

/**
 * An attacker can guess the password here as at a login: the same bounds apply.
 * @throws ProtocolError bad_credentials, rate_limited, overloaded
 */
export async function assertOwnPassword(
  { store, passwords, loginGuard }: ApiContext,
  { id, username, passwordHash }: Account,
  password: string,
  requester: Requester,
): Promise<void> {
  const { address } = requester;
  const owner = async () => ({ user: id, isKnown: await store.sessions.isKnownAddress(id, address) });
  const { verdict } = await loginGuard.attempt({ username, address, user: id }, owner, async () => ({
    verdict: await passwords.verify(passwordHash, password, requester),
  }));
  if (verdict === "wrong") throw new ProtocolError("bad_credentials", "the password is wrong");
}
