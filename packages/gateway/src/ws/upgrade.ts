import type { HttpRequest, HttpResponse, us_socket_context_t } from "uWebSockets.js";
import type { NamedRate } from "@hubbub/broker";
import { CLOSE, type ClientFrame, ERRORS, type ErrorCode, type LimitHit, newId, SUBPROTOCOL } from "@hubbub/protocol";
import { clientAddress, SECURITY_HEADERS, type SecurityLog, spread, TICKET_PREFIX } from "@hubbub/runtime";
import type { GatewaySettings } from "../config.ts";
import { Connection, type UserData } from "../connections/connection.ts";
import type { ConnectionRegistry } from "../connections/registry.ts";
import type { LoadShedder } from "../load-shedder.ts";
import type { GatewayMetrics } from "../metrics.ts";

export interface AdmissionPolicy {
  readonly settings: GatewaySettings;
  readonly connections: ConnectionRegistry;
  readonly shedder: LoadShedder;
  readonly metrics: GatewayMetrics;
  readonly failedHellos: NamedRate;
  readonly securityLog: SecurityLog;
  isDraining(): boolean;
  /** Takes a frame as if the connection had sent it. */
  receive(connection: Connection, frame: ClientFrame): void;
}

/** In one synchronous step: the request lies on the stack of the callback. */
export function upgrade(
  policy: AdmissionPolicy,
  res: HttpResponse,
  req: HttpRequest,
  context: us_socket_context_t,
): void {
  const { settings, connections } = policy;
  const address = clientAddress(res, req.getHeader("x-real-ip"), settings.TRUSTED_PROXIES);
  const offered = req.getHeader("sec-websocket-protocol");
  const isHandshake =
    req.getHeader("upgrade").toLowerCase() === "websocket" && req.getHeader("sec-websocket-version") === VERSION;
  const asked = { address, origin: req.getHeader("origin"), offered, isHandshake };
  const refusal = refusalOf(policy, asked) ?? takePlace(policy, address);
  if (refusal !== null) {
    policy.metrics.refused(refusal.code);
    if (NOTED.has(refusal.code)) noteRefusal(policy, address, refusal.code);
    refuse(res, refusal);
    return;
  }
  const connection = new Connection(newId(), address, settings, performance.now());
  connections.add(connection);
  const userData: UserData = { connection };
  const hello = helloOf(req, offered);
  const key = req.getHeader("sec-websocket-key");
  const extensions = req.getHeader("sec-websocket-extensions");
  res.upgrade(userData, key, offered === "" ? "" : SUBPROTOCOL, extensions, context);
  if (hello !== null) policy.receive(connection, hello);
}

/** In front of a ticket among the offered subprotocols. */
const TICKET_PROTOCOL = `${SUBPROTOCOL}.ticket.`;

/**
 * A handshake with a ticket says hello by it. Neither the query nor the subprotocols go to a log here, but proxies log them: an access
 * token, which opens more than one connection, is refused as a wrong ticket.
 */
function helloOf(req: HttpRequest, offered: string): ClientFrame | null {
  const names = offered.split(",").map((name) => name.trim());
  const inProtocol = names.find((name) => name.startsWith(TICKET_PROTOCOL))?.slice(TICKET_PROTOCOL.length);
  const given = inProtocol ?? req.getQuery("ticket");
  if (given === undefined || given === "") return null;
  const token = given.startsWith(TICKET_PREFIX) ? given : TICKET_PREFIX;
  return { type: "hello", ref: 0, token, ...(req.getQuery("personal") === "true" ? { personal: true } : {}) };
}

/** Refusals that are security events: an attack causes them, and not the state of the gateway. */
const NOTED: ReadonlySet<ErrorCode> = new Set(["bad_origin", "too_many_connections", "rate_limited"]);

function noteRefusal({ securityLog }: AdmissionPolicy, address: string, reason: ErrorCode): void {
  securityLog({ event: "upgrade", outcome: "refused", address, reason });
}

/** Of RFC 6455. uWS looks at the key alone. */
const VERSION = "13";

interface Asked {
  readonly address: string;
  readonly origin: string;
  readonly offered: string;
  readonly isHandshake: boolean;
}

interface Refused {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryAfterMs?: number;
  readonly limit?: LimitHit;
}

function refusalOf(policy: AdmissionPolicy, asked: Asked): Refused | null {
  const { settings, connections } = policy;
  if (!asked.isHandshake)
    return { code: "bad_request", detail: `this is no handshake of WebSocket version ${VERSION}` };
  if (asked.offered !== "" && !asked.offered.split(",").some((name) => name.trim() === SUBPROTOCOL)) {
    return { code: "bad_request", detail: `the subprotocol here is ${SUBPROTOCOL}` };
  }
  if (asked.origin !== "" && !isAllowed(asked.origin, settings.ALLOWED_ORIGINS)) {
    return { code: "bad_origin", detail: ERRORS.bad_origin.means };
  }
  if (policy.isDraining()) return { code: "unavailable", detail: "this gateway drains; another one takes over" };
  if (policy.shedder.shouldShed("connections")) return { code: "overloaded", detail: "this gateway does not keep up" };
  if (connections.size >= settings.CONNECTIONS_PER_NODE) return { code: "overloaded", detail: "this gateway is full" };
  const retryAfterMs = policy.failedHellos.waitMs(asked.address);
  if (retryAfterMs > 0) {
    const limit = { name: policy.failedHellos.name, ...policy.failedHellos.info, left: 0 };
    return { code: "rate_limited", detail: "too many failed hellos from this address", retryAfterMs, limit };
  }
  if (connections.byAddress.of(asked.address) >= settings.CONNECTIONS_PER_ADDRESS) {
    const limit = { name: "address_connections", count: settings.CONNECTIONS_PER_ADDRESS, left: 0 };
    return { code: "too_many_connections", detail: "too many connections from this address", limit };
  }
  return null;
}

/** The last step: somebody else may lose a place for it. */
function takePlace({ settings, connections, metrics }: AdmissionPolicy, address: string): Refused | null {
  const place = connections.unauthenticated.placeFor(address, {
    node: settings.UNAUTHENTICATED_PER_NODE,
    address: settings.UNAUTHENTICATED_PER_ADDRESS,
  });
  if (place === "free") return null;
  if (place === "node full") return { code: "overloaded", detail: "too many connections wait for their hello" };
  if (place === "address full") {
    const limit = { name: "address_unauthenticated", count: settings.UNAUTHENTICATED_PER_ADDRESS, left: 0 };
    const detail = "too many connections from this address wait for their hello";
    return { code: "too_many_connections", detail, limit };
  }
  metrics.refused("overloaded");
  place.evict.close(CLOSE.overloaded, "overloaded");
  return null;
}

function isAllowed(origin: string, allowed: readonly string[]): boolean {
  return allowed.includes("*") || allowed.includes(origin);
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  429: "Too Many Requests",
  503: "Service Unavailable",
};

/** A refused client retries at a random time, within twice this. */
const RETRY_AFTER_MS = 1_000;

function refuse(res: HttpResponse, { code, detail, retryAfterMs: known, limit }: Refused): void {
  const { status, retry } = ERRORS[code];
  const title = STATUS_TEXT[status] ?? "Refused";
  const retryAfterMs = retry ? (known ?? spread(RETRY_AFTER_MS)) : undefined;
  res.cork(() => {
    res.writeStatus(`${status} ${title}`);
    res.writeHeader("content-type", "application/problem+json");
    res.writeHeader("sec-websocket-version", VERSION);
    for (const [name, value] of SECURITY_HEADERS) res.writeHeader(name, value);
    if (retryAfterMs !== undefined) res.writeHeader("retry-after", String(Math.ceil(retryAfterMs / 1_000)));
    res.end(JSON.stringify({ type: "about:blank", title, status, code, detail, retryAfterMs, limit }), true);
  });
}
