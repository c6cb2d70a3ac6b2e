import type { Broker } from "@hubbub/broker";
import {
  ACCESS_TOKEN_PREFIX,
  HTTP_PREFIX,
  isAllowed,
  ProtocolError,
  type PublicUser,
  type Scope,
  type SessionId,
  scopeOfRoute,
} from "@hubbub/protocol";
import { accessClaims } from "@hubbub/protocol/codec";
import type { SigningKeys } from "@hubbub/runtime";
import type { Acting, Store } from "@hubbub/store";
import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { ApiEnv } from "../context.ts";
import type { LogOrStore } from "../log-or-store.ts";
import { hashAccessToken } from "../signin/token-text.ts";
import type { Revocations } from "./revocations.ts";

export interface Caller {
  readonly user: PublicUser;
  readonly session: SessionId;
  /** Of the client. It goes to logs and to the audit, and to no event. */
  readonly address: string;
  /** Of a personal access token; undefined: a login, which may do everything. */
  readonly scopes?: readonly Scope[] | undefined;
  /** Unix seconds: what was given may be used until then. */
  readonly expiresAt: number;
}

/** As the audit names the caller. */
export const actingOf = ({ user, address }: Pick<Caller, "user" | "address">): Acting => ({ by: user.id, address });

type CallerEnv = ApiEnv & { Variables: { readonly caller: Caller } };
export type SignedIn = MiddlewareHandler<CallerEnv>;

/** Longer values are rejected without a check: our tokens are shorter. */
const TOKEN_MAX_LENGTH = 4_096;
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

interface Sources {
  readonly keys: SigningKeys;
  readonly broker: Broker;
  readonly store: Store;
  readonly logOrStore: LogOrStore;
  readonly revocations: Revocations;
}

export interface Bearer {
  /** For every route that needs a caller: the token is valid, and its session is not revoked. */
  readonly signedIn: SignedIn;
  /**
   * For logout only: the token is valid. The session may be revoked, so that a logout whose answer was lost can be
   * repeated.
   */
  readonly ending: SignedIn;
}

export function createBearer({ keys, broker, store, logOrStore, revocations }: Sources): Bearer {
  const isRevoked = async (session: SessionId) =>
    revocations.isUntold(session) ||
    (await logOrStore.ask(
      () => broker.revocations.has(session),
      () => store.sessions.isRevoked(session),
    ));
  const ownerOf = async (token: string): Promise<Omit<Caller, "address">> => {
    const hash = hashAccessToken(token);
    const known = hash === null ? null : await store.signin.tokens.use(hash);
    if (known === null) throw new ProtocolError("bad_token");
    const expiresAt = Math.floor(known.expiresAt.getTime() / 1_000);
    return { user: known.user, session: known.session, scopes: known.scopes as readonly Scope[], expiresAt };
  };
  const holderOf = async (header: string | undefined): Promise<Omit<Caller, "address">> => {
    const token = bearerToken(header);
    if (token?.startsWith(ACCESS_TOKEN_PREFIX)) return ownerOf(token);
    const claims = accessClaims.safeParse(token === null ? null : await keys.verify(token));
    if (!claims.success) throw new ProtocolError("bad_token");
    const { sub, sid, name, scope, exp } = claims.data;
    return { user: { id: sub, username: name }, session: sid, scopes: scope, expiresAt: exp };
  };
  const callerOf = async (c: Context<CallerEnv>): Promise<Caller> => {
    const caller = await holderOf(c.req.header("authorization"));
    const isFree = caller.scopes === undefined;
    if (!isFree && !isAllowed(caller.scopes, scopeOfRoute(c.req.method, routePath(c).slice(HTTP_PREFIX.length))))
      throw new ProtocolError("insufficient_scope");
    return { ...caller, address: c.env.address };
  };
  return {
    signedIn: async (c, next) => {
      const caller = await callerOf(c);
      if (await isRevoked(caller.session)) throw new ProtocolError("session_revoked");
      c.set("caller", caller);
      await next();
    },
    ending: async (c, next) => {
      c.set("caller", await callerOf(c));
      await next();
    },
  };
}

export function bearerToken(header: string | undefined): string | null {
  if (header === undefined || header.length > TOKEN_MAX_LENGTH) return null;
  return BEARER.exec(header)?.[1] ?? null;
}
