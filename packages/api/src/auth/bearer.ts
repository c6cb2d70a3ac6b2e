import type { Broker } from "@hubbub/broker";
import { ProtocolError, type PublicUser, type SessionId } from "@hubbub/protocol";
import { accessClaims } from "@hubbub/protocol/codec";
import type { SigningKeys } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "../context.ts";
import type { LogOrStore } from "../log-or-store.ts";
import type { Revocations } from "./revocations.ts";

export interface Caller {
  readonly user: PublicUser;
  readonly session: SessionId;
}

export type SignedIn = MiddlewareHandler<ApiEnv & { Variables: { readonly caller: Caller } }>;

/** Longer ones are not looked at: no token of ours is. */
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
  /** For every route that has a caller: the token is ours, and its session stands. */
  readonly signedIn: SignedIn;
  /**
   * For the end of a session alone: the token is ours. A logout whose answer was lost can be repeated.
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
  const callerOf = async (header: string | undefined): Promise<Caller> => {
    const token = bearerToken(header);
    const claims = accessClaims.safeParse(token === null ? null : await keys.verify(token));
    if (!claims.success) throw new ProtocolError("bad_token");
    const { sub, sid, name } = claims.data;
    return { user: { id: sub, username: name }, session: sid };
  };
  return {
    signedIn: async (c, next) => {
      const caller = await callerOf(c.req.header("authorization"));
      if (await isRevoked(caller.session)) throw new ProtocolError("session_revoked");
      c.set("caller", caller);
      await next();
    },
    ending: async (c, next) => {
      c.set("caller", await callerOf(c.req.header("authorization")));
      await next();
    },
  };
}

export function bearerToken(header: string | undefined): string | null {
  if (header === undefined || header.length > TOKEN_MAX_LENGTH) return null;
  return BEARER.exec(header)?.[1] ?? null;
}
