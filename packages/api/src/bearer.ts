import type { Broker } from "@hubbub/broker";
import { ProtocolError, type PublicUser, type SessionId } from "@hubbub/protocol";
import { accessClaims } from "@hubbub/protocol/codec";
import type { SigningKeys } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import type { MiddlewareHandler } from "hono";
import type { LogOrStore } from "./log-or-store.ts";
import type { ApiEnv } from "./parts.ts";

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
}

export function createBearer({ keys, broker, store, logOrStore }: Sources): SignedIn {
  const isRevoked = (session: SessionId) =>
    logOrStore.ask(
      () => broker.revocations.has(session),
      () => store.sessions.isRevoked(session),
    );
  return async (c, next) => {
    const token = bearerToken(c.req.header("authorization"));
    const claims = accessClaims.safeParse(token === null ? null : await keys.verify(token));
    if (!claims.success) throw new ProtocolError("bad_token");
    const { sub, sid, name } = claims.data;
    if (await isRevoked(sid)) throw new ProtocolError("session_revoked");
    c.set("caller", { user: { id: sub, username: name }, session: sid });
    await next();
  };
}

export function bearerToken(header: string | undefined): string | null {
  if (header === undefined || header.length > TOKEN_MAX_LENGTH) return null;
  return BEARER.exec(header)?.[1] ?? null;
}
