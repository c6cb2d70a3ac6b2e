import { type ClientFrameOf, type ErrorCode, isAllowed, type LimitHit, newId, ProtocolError } from "@hubbub/protocol";
import { accessClaims } from "@hubbub/protocol/codec";
import { openTicket, TICKET_MEMORY_MS, TICKET_PREFIX } from "@hubbub/runtime";
import type { Connection } from "../connections/connection.ts";
import { encodeFrame } from "../connections/frames.ts";
import type { Identity } from "../connections/identity.ts";
import type { Context } from "../context.ts";

/**
 * The first frame. A later hello with a fresh token of the same user and session renews the connection, which otherwise
 * is closed soon after its token expires, and takes the name of the token: a guest may have become an account. Another
 * user needs another connection.
 */
export async function hello(
  context: Context,
  connection: Connection,
  frame: ClientFrameOf<"hello">,
): Promise<undefined> {
  // After many bad tokens the signatures of an address are not checked until it may try again.
  if (connection.identity === null) context.limits.failedHellos.check(connection.address);
  else context.limits.chargeHello(connection);
  // A reconnecting crowd is admitted a few at a time. A connection closed while queued does not have its token verified.
  const identity = await context.hellos(async () => {
    await context.helloTurns.turn();
    return connection.isOpen ? identify(context, connection, frame.token) : null;
  });
  if (identity === null || !connection.isOpen) return;
  const known = connection.identity;
  if (frame.personal === true && !isAllowed((known ?? identity).scopes, "read")) {
    throw new ProtocolError("insufficient_scope");
  }
  if (known === null) admit(context, connection, identity);
  else if (known.user.id !== identity.user.id || known.session !== identity.session) {
    throw new ProtocolError("hello_repeated");
  } else connection.identity = { ...known, user: identity.user, expiresAt: identity.expiresAt };
  let isIn = known !== null;
  try {
    // The connection is listed under its session before this lookup, so a revocation that overtakes the answer finds it.
    if (await context.broker.revocations.has(identity.session)) throw failed(context, connection, "session_revoked");
    if (frame.personal === true) await context.personal.join(connection, identity.user.id);
    isIn = true;
    context.connections.authenticated(connection);
  } finally {
    if (!isIn) context.connections.deauthenticate(connection);
  }
  const { settings, publicId } = context;
  connection.send(
    encodeFrame("ready", {
      ref: frame.ref,
      user: identity.user,
      connection: connection.id,
      node: publicId,
      heartbeatMs: settings.HEARTBEAT_MS,
      limits: context.limits.told(identity.user),
    }),
  );
  context.presence.changed(identity.user.id);
}

/** Charges a failed hello to its address. */
function failed(
  { limits, spikes, securityLog }: Context,
  { address, identity: known }: Connection,
  code: ErrorCode,
  identity = known,
  limit?: LimitHit,
): ProtocolError {
  limits.failedHellos.waitToTake(address);
  spikes.count("failed_hellos");
  securityLog({
    event: "hello",
    outcome: "refused",
    address,
    user: identity?.user.id,
    session: identity?.session,
    reason: code,
  });
  return new ProtocolError(code, undefined, limit === undefined ? {} : { limit });
}

async function identify(context: Context, connection: Connection, token: string): Promise<Identity> {
  const isTicket = token.startsWith(TICKET_PREFIX);
  const claims = accessClaims.safeParse(await (isTicket ? redeem(context, token) : context.keys.verify(token)));
  if (!claims.success) throw failed(context, connection, isTicket ? "bad_ticket" : "bad_token");
  const { sub, sid, name, exp, scope } = claims.data;
  return { user: { id: sub, username: name }, session: sid, expiresAt: exp, scopes: scope };
}

/** Of all gateways that race for a ticket, one gets its claims: the first to take its turn. */
async function redeem({ keys, broker }: Context, ticket: string): Promise<unknown> {
  const opened = openTicket(keys, ticket);
  if (opened === null) return null;
  const isFirst = (await broker.turns.take(`ticket:${opened.id}`, newId(), TICKET_MEMORY_MS)) === 0;
  return isFirst ? opened.claims : null;
}

function admit(context: Context, connection: Connection, identity: Identity): void {
  const { connections, settings } = context;
  if (connections.byUser.countOf(identity.user.id) >= settings.CONNECTIONS_PER_USER) {
    const limit = { name: "user_connections", count: settings.CONNECTIONS_PER_USER, left: 0 };
    throw failed(context, connection, "too_many_connections", identity, limit);
  }
  connections.identify(connection, identity);
}
