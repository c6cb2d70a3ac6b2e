import { createHash, randomBytes } from "node:crypto";
import type { Broker } from "@hubbub/broker";
import { ProtocolError, type PublicUser, type SessionId, type Tokens } from "@hubbub/protocol";
import type { Logger, SigningKeys } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";

const ACCESS_TOKEN_S = 600;
const REFRESH_TOKEN_MS = 30 * 86_400_000;
const REFRESH_TOKEN_BYTES = 32;
/** A revocation outlives every access token of its session, clock differences included. */
const REVOCATION_MS = (ACCESS_TOKEN_S + 60) * 1_000;

export interface Sessions {
  start(user: PublicUser): Promise<Tokens>;
  /** @throws ProtocolError bad_token, refresh_reused */
  refresh(refreshToken: string): Promise<Tokens>;
  /** Its tokens are worth nothing from here on, and its connections close everywhere. */
  end(session: SessionId): Promise<void>;
}

interface SessionParts {
  readonly store: Store;
  readonly broker: Broker;
  readonly keys: SigningKeys;
  readonly refreshGraceMs: number;
  readonly log: Logger;
}

export function createSessions({ store, broker, keys, refreshGraceMs, log }: SessionParts): Sessions {
  const toTokens = async (user: PublicUser, session: SessionId, refreshToken: string): Promise<Tokens> => ({
    user: { id: user.id, username: user.username },
    accessToken: await keys.sign({ sub: user.id, sid: session, name: user.username }, ACCESS_TOKEN_S),
    refreshToken,
    expiresIn: ACCESS_TOKEN_S,
  });
  /**
   * Behind the row, which is the truth. A logout that fails here is repeated by its client, for its token still works;
   * after a reuse nobody repeats it, and what was handed out ends with the access token's life.
   */
  const announceEnd = async (session: SessionId): Promise<void> => {
    await broker.revocations.add(session, REVOCATION_MS);
    await broker.publishControl({ type: "session-revoked", session });
  };

  return {
    async start(user) {
      const refreshToken = newRefreshToken();
      const session = await store.sessions.create(user.id, toHash(refreshToken), refreshExpiry());
      return toTokens(user, session, refreshToken);
    },
    async refresh(refreshToken) {
      const next = newRefreshToken();
      const rotation = await store.sessions.rotate(toHash(refreshToken), toHash(next), refreshExpiry(), refreshGraceMs);
      if (rotation.state === "unknown") throw new ProtocolError("bad_token", "the refresh token is unknown or expired");
      if (rotation.state === "reused") {
        log.warn({ session: rotation.session }, "refresh token reused");
        await announceEnd(rotation.session);
        throw new ProtocolError("refresh_reused");
      }
      return toTokens(rotation.user, rotation.session, next);
    },
    async end(session) {
      await store.sessions.revoke(session);
      await announceEnd(session);
    },
  };
}

function newRefreshToken(): string {
  return randomBytes(REFRESH_TOKEN_BYTES).toString("base64url");
}

/** 256 random bits need no slow hash. */
function toHash(refreshToken: string): string {
  return createHash("sha256").update(refreshToken).digest("base64url");
}

function refreshExpiry(): Date {
  return new Date(Date.now() + REFRESH_TOKEN_MS);
}
