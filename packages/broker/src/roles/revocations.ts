import type { SessionId } from "@hubbub/protocol";

/** Sessions that ended before their access tokens did. */
export interface Revocations {
  add(session: SessionId, ttlMs: number): Promise<void>;
  has(session: SessionId): Promise<boolean>;
}
