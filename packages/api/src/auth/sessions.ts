import { createHash, createHmac, randomBytes } from "node:crypto";
import { ProtocolError, type PublicUser, type SessionId, type Tokens } from "@hubbub/protocol";
import { type SecurityLog, type SigningKeys, sealTicket } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import type { ApiSettings } from "../settings.ts";
import { actingOf, type Caller } from "./bearer.ts";
import type { Revocations } from "./revocations.ts";

const ACCESS_TOKEN_S = 600;
const HOUR_MS = 3_600_000;
const REFRESH_TOKEN_BYTES = 32;
/** Guests that never refresh their tokens were short visits. */
const GUEST_FIRST_HOURS = 24;
const AGENT_MAX_LENGTH = 128;

/** The data that is stored about the client of a login. */
export interface Client {
  readonly address: string;
  readonly agent?: string | undefined;
  /** The hash that the password was checked against. Absent: there was no password. */
  readonly passwordHash?: string | undefined;
}

export interface Sessions {
  /** @throws ProtocolError bad_credentials: the password was changed since it was checked */
  start(user: PublicUser, client: Client, options?: { isGuest: boolean }): Promise<Tokens>;
  /** @throws ProtocolError bad_token, refresh_reused */
  refresh(refreshToken: string, address: string): Promise<Tokens>;
  /** An access token of a session that began with a personal access token. It ends with that one at the latest. */
  scoped(user: PublicUser, session: SessionId, access: ScopedBy): Promise<{ accessToken: string; expiresIn: number }>;
  /** For one handshake: it says of the caller what the token of this request does. */
  ticket(caller: Caller): string;
  /** Ends the caller's session: its tokens become invalid, and its connections close on all gateways. */
  end(caller: Caller): Promise<void>;
  /** The same for one session of the caller. @throws ProtocolError unknown_session */
  endOwn(caller: Caller, session: SessionId): Promise<void>;
  /** The same for all sessions of the caller, or all but the present one. */
  endAll(caller: Caller, options: { readonly isOthers: boolean }): Promise<void>;
}

interface ScopedBy {
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
}

interface SessionParts {
  readonly store: Store;
  readonly revocations: Revocations;
  readonly keys: SigningKeys;
  readonly settings: ApiSettings;
  readonly securityLog: SecurityLog;
}

export function createSessions({ store, revocations, keys, settings, securityLog }: SessionParts): Sessions {
  const toTokens = async (user: PublicUser, session: SessionId, refreshToken: string): Promise<Tokens> => ({
    user: { id: user.id, username: user.username },
    accessToken: await keys.sign({ sub: user.id, sid: session, name: user.username }, ACCESS_TOKEN_S),
    refreshToken,
    expiresIn: ACCESS_TOKEN_S,
  });
  const expiryOf = ({ createdAt, isGuest }: { createdAt: Date; isGuest: boolean }): Date => {
    const idleHours = isGuest ? settings.GUEST_IDLE_HOURS : settings.SESSION_IDLE_HOURS;
    return new Date(
      Math.min(Date.now() + idleHours * HOUR_MS, createdAt.getTime() + settings.SESSION_MAX_HOURS * HOUR_MS),
    );
  };
  return {
    async start(user, client, { isGuest } = { isGuest: false }) {
      const refreshToken = randomBytes(REFRESH_TOKEN_BYTES).toString("base64url");
      const first = isGuest ? new Date(Date.now() + GUEST_FIRST_HOURS * HOUR_MS) : undefined;
      const longest = expiryOf({ createdAt: new Date(), isGuest });
      const { session, ended } = await store.sessions.create(user.id, {
        refreshHash: toHash(refreshToken),
        expiresAt: first !== undefined && first < longest ? first : longest,
        address: client.address,
        agent: client.agent?.toWellFormed().replaceAll("\u0000", "").slice(0, AGENT_MAX_LENGTH),
        max: settings.SESSIONS_PER_USER,
        passwordHash: client.passwordHash,
        isGuest,
      });
      await revocations.tell(ended);
      return toTokens(user, session, refreshToken);
    },
    async refresh(refreshToken, address) {
      const salt = randomBytes(REFRESH_TOKEN_BYTES).toString("base64url");
      const rotation = await store.sessions.rotate({
        oldHash: toHash(refreshToken),
        newHash: toHash(successorOf(refreshToken, salt)),
        salt,
        graceMs: settings.REFRESH_GRACE_MS,
        address,
        expiryOf,
      });
      if (rotation.state === "unknown") throw new ProtocolError("bad_token", "the refresh token is unknown or expired");
      const { session, user } = rotation;
      if (rotation.state === "reused") {
        securityLog({ event: "refresh_reused", outcome: "refused", address, user: user.id, session });
        await revocations.tell([session]);
        throw new ProtocolError("refresh_reused");
      }
      return toTokens(user, session, successorOf(refreshToken, rotation.salt));
    },
    async scoped(user, session, { scopes, expiresAt }) {
      const left = Math.floor((expiresAt.getTime() - Date.now()) / 1_000);
      const expiresIn = Math.max(1, Math.min(ACCESS_TOKEN_S, left));
      const claims = { sub: user.id, sid: session, name: user.username, scope: scopes.join(" ") };
      return { accessToken: await keys.sign(claims, expiresIn), expiresIn };
    },
    ticket({ user, session, scopes, expiresAt }) {
      const exp = Math.min(expiresAt, Math.floor(Date.now() / 1_000) + ACCESS_TOKEN_S);
      const scope = scopes === undefined ? {} : { scope: scopes.join(" ") };
      return sealTicket(keys, { sub: user.id, sid: session, name: user.username, exp, ...scope });
    },
    async end(caller) {
      await store.sessions.revoke(caller.session, actingOf(caller));
      await revocations.tell([caller.session]);
    },
    async endOwn(caller, session) {
      const isEnded = await store.sessions.revokeOwn(caller.user.id, session, actingOf(caller));
      if (!isEnded) throw new ProtocolError("unknown_session");
      await revocations.tell([session]);
    },
    async endAll(caller, { isOthers }) {
      const kept = isOthers ? { except: caller.session } : {};
      await revocations.tell(await store.sessions.revokeAll(caller.user.id, kept, actingOf(caller)));
    },
  };
}

/**
 * The token that replaces a used one, derived from the used token and a salt. So it can be made again for a client
 * whose answer was lost. The store has the salt and not the token; a thief of the token has no salt.
 */
function successorOf(refreshToken: string, salt: string): string {
  return createHmac("sha256", refreshToken).update(salt).digest("base64url");
}

/** 256 random bits need no slow hash. */
function toHash(refreshToken: string): string {
  return createHash("sha256").update(refreshToken).digest("base64url");
}
