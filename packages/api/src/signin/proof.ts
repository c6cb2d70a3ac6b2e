import { ProtocolError, type UserId } from "@hubbub/protocol";
import type { Proof } from "@hubbub/protocol/http-signin";
import type { Store, UserRecord } from "@hubbub/store";
import type { Caller } from "../auth/bearer.ts";
import type { Requester } from "../auth/fair-semaphore.ts";
import type { LoginGuard } from "../auth/login-guard.ts";
import type { Passwords } from "../auth/passwords.ts";
import type { SecondFactors } from "./second-factor.ts";

/** A login is its own proof for so long. */
const FRESH_MS = 600_000;

interface Parts {
  readonly store: Store;
  readonly passwords: Passwords;
  readonly loginGuard: LoginGuard;
  readonly secondFactors: SecondFactors;
}

export interface Proofs {
  /**
   * That the caller is the user and not somebody with a stolen token: the password, a code, or a login of the last ten
   * minutes (unless `isFreshEnough` is false).
   * @throws ProtocolError forbidden (a guest), proof_required, bad_credentials, bad_code, rate_limited
   */
  require(
    caller: Caller,
    proof: Proof,
    requester: Requester,
    options?: { isFreshEnough: boolean },
  ): Promise<UserRecord>;
}

export function createProofs({ store, passwords, loginGuard, secondFactors }: Parts): Proofs {
  const assertPassword = async (user: UserRecord, password: string, requester: Requester): Promise<void> => {
    const { address } = requester;
    const owner = async () => ({ user: user.id, isKnown: await store.sessions.isKnownAddress(user.id, address) });
    const { verdict } = await loginGuard.attempt(
      { username: user.username, address, user: user.id },
      owner,
      async () => ({
        verdict: await passwords.verify(user.passwordHash, password, requester),
      }),
    );
    if (verdict === "wrong") throw new ProtocolError("bad_credentials", "the password is wrong");
  };
  const isFresh = async ({ user, session }: Caller): Promise<boolean> => {
    const found = (await store.sessions.list(user.id)).find(({ id }) => id === session);
    return found !== undefined && Date.now() - found.createdAt.getTime() < FRESH_MS;
  };
  return {
    async require(caller, { password, code }, requester, { isFreshEnough } = { isFreshEnough: true }) {
      const user = await requireAccount(store, caller.user.id);
      if (password !== undefined) await assertPassword(user, password, requester);
      else if (code !== undefined) await secondFactors.useCode(user.id, code, requester.address);
      else if (!isFreshEnough || !(await isFresh(caller))) throw new ProtocolError("proof_required");
      return user;
    },
  };
}

async function requireAccount(store: Store, id: UserId): Promise<UserRecord> {
  const user = await store.users.find(id);
  if (user === null || user.passwordHash === null)
    throw new ProtocolError("forbidden", "a guest has no login to change; sign up");
  return user;
}
