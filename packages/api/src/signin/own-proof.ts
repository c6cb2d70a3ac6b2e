import type { Proof } from "@hubbub/protocol/http-signin";
import type { Caller } from "../auth/bearer.ts";
import type { Requester } from "../auth/fair-semaphore.ts";
import type { ApiContext } from "../context.ts";

/**
 * That the caller is the user, for what somebody with a stolen token must not do. A guest has no other proof than the session.
 * @throws ProtocolError proof_required, bad_credentials, bad_code, rate_limited
 */
export async function requireOwnProof(
  { store, signin }: Pick<ApiContext, "store" | "signin">,
  caller: Caller,
  proof: Proof,
  requester: Requester,
): Promise<void> {
  const found = await store.users.find(caller.user.id);
  if (found !== null && found.passwordHash === null) return;
  await signin.proofs.require(caller, proof, requester);
}
