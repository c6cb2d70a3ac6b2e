import type { Broker } from "@hubbub/broker";
import type { SessionId } from "@hubbub/protocol";

/** A revocation outlives every access token of its session (ten minutes), clock differences included. */
export const REVOCATION_MS = 660_000;

/**
 * From now on the access tokens of the session are refused, and gateways close its connections.
 * @throws BrokerUnavailable: the row in the store stays untold, and any api tells it when Redis is there again
 */
export async function announceRevoked(
  broker: Pick<Broker, "revocations" | "publishControl">,
  session: SessionId,
): Promise<void> {
  await broker.revocations.add(session, REVOCATION_MS);
  await broker.publishControl({ type: "session-revoked", session });
}
