import { HTTP_PREFIX } from "@hubbub/protocol";
import type { HttpHandler, Metrics } from "@hubbub/runtime";
import type { Readiness } from "./readiness.ts";

const ADMIN_PREFIX = `${HTTP_PREFIX}/admin/`;
/** Of operators, with ADMIN_TOKEN. The others below ADMIN_PREFIX are for users with a server role, who come from anywhere. */
const OPERATOR_PREFIX = `${ADMIN_PREFIX}nodes`;
/** POST: the clients of this gateway are told to go and come back. Answered at once. */
const HAND_OVER = "/hand-over";
/** POST: takes a backup, and answers how it went when it is done. */
const BACKUP = "/backup";
/** GET, with `room` and `seq`. */
const TRACE = "/trace";
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1)$/;
/** A proxy on this machine says for whom it asks. */
const FORWARDING = ["x-real-ip", "x-forwarded-for", "forwarded", "via"];
/** Any other name could be one that a page's own DNS server points here. */
const LOCAL_HOST = /^(localhost|\d+\.\d+\.\d+\.\d+|\[[\da-f:.]+\])(:\d+)?$/i;

export interface Ops {
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  /** What this process knows of the path of one event. */
  readonly trace: (query: URLSearchParams) => object;
  /** The operators' paths are on a port of their own. */
  readonly hasOwnPort: boolean;
  /** Of the gateway in this process; null: there is none. */
  readonly handOver: () => (() => Promise<void>) | null;
  /** null: this process takes no backups. */
  readonly backUp: () => (() => Promise<object>) | null;
}

/**
 * The operators' paths on PORT, in front of what a process serves: `/livez`, and `/readyz` without reasons. Without an
 * OPS_PORT also the rest, for callers on this machine that no proxy speaks for and that ask for an address or localhost.
 */
export function withPublicHealth(ops: Ops, next: HttpHandler): HttpHandler {
  return async (request, address) => {
    const { pathname, searchParams } = new URL(request.url);
    const isOperator = !ops.hasOwnPort && isLocal(request, address);
    if (isOperator && pathname === BACKUP) return startBackup(ops, request);
    if (isOperator && pathname === TRACE) return Response.json(ops.trace(searchParams));
    const answer = await answerOps(ops, pathname, isOperator);
    if (answer !== null) return answer;
    return ops.hasOwnPort && pathname.startsWith(OPERATOR_PREFIX) ? notFound() : next(request, address);
  };
}

/** OPS_PORT: everything for operators, and the admin part of `next`. */
export function opsOnly(ops: Ops, next: HttpHandler): HttpHandler {
  return async (request, address) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === TRACE) return Response.json(ops.trace(searchParams));
    if (pathname === HAND_OVER) return startHandOver(ops, request);
    if (pathname === BACKUP) return startBackup(ops, request);
    const answer = await answerOps(ops, pathname, true);
    if (answer !== null) return answer;
    return pathname.startsWith(ADMIN_PREFIX) ? next(request, address) : notFound();
  };
}

function startHandOver({ handOver }: Ops, request: Request): Response {
  const start = handOver();
  if (start === null) return notFound();
  const refused = refuseOrder(request);
  if (refused === null) void start();
  return refused ?? new Response(null, { status: 202 });
}

async function startBackup({ backUp }: Ops, request: Request): Promise<Response> {
  const start = backUp();
  if (start === null) return notFound();
  const refused = refuseOrder(request);
  if (refused !== null) return refused;
  try {
    return Response.json(await start());
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return Response.json({ detail }, { status: 500 });
  }
}

/** null: it is an order that an operator can give. */
function refuseOrder({ method, headers }: Request): Response | null {
  // Browsers name the page that asks. None has a reason to, and any that an operator visits could.
  if (headers.has("origin")) return new Response(null, { status: 403 });
  return method === "POST" ? null : new Response(null, { status: 405, headers: { allow: "POST" } });
}

/** null: a path that is not for operators, or not for this caller. */
async function answerOps({ readiness, metrics }: Ops, path: string, isOperator: boolean): Promise<Response | null> {
  if (path === "/livez") return new Response("ok\n", { headers: { "content-type": "text/plain; charset=utf-8" } });
  if (path === "/readyz") {
    const reasons = await readiness.check();
    const ready = reasons.length === 0;
    return Response.json(isOperator ? { ready, reasons } : { ready }, { status: ready ? 200 : 503 });
  }
  if (!isOperator) return null;
  if (path === "/statusz") return Response.json(await readiness.status());
  if (path !== "/metrics") return null;
  return new Response(await metrics.text(), {
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
  });
}

function isLocal(request: Request, address: string): boolean {
  const isAskedByName = !LOCAL_HOST.test(request.headers.get("host") ?? "localhost");
  return LOOPBACK.test(address) && !isAskedByName && FORWARDING.every((name) => !request.headers.has(name));
}

export function notFound(): Response {
  return Response.json(
    { type: "about:blank", title: "Not Found", status: 404, code: "not_found", detail: "no such path" },
    { status: 404, headers: { "content-type": "application/problem+json" } },
  );
}
