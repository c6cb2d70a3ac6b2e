import uWS, { type HttpRequest, type HttpResponse, type TemplatedApp, type us_listen_socket } from "uWebSockets.js";
import { STATUS_CODES } from "node:http";
import { clientAddress } from "./client-address.ts";
import { UNREAD_BOUNDS, Unread, type UnreadBounds } from "./http/unread.ts";
import type { Logger } from "./logger.ts";

/**
 * A uWebSockets app that serves a fetch handler. The only code that knows how long uWS requests live:
 *
 * - `onAborted` is registered before anything else, or uWS ends the process;
 * - everything is copied out of the request before the first await, for it lies on the stack of the callback;
 * - body chunks are copied, for they are neutered; the body has a cap;
 * - every write is corked and none happens after an abort;
 * - one catch, for whatever the handler throws.
 */
export interface HttpHost {
  /** For WebSocket routes: attach them before `listen`. */
  readonly app: TemplatedApp;
  /** Resolves to the port; `port` 0 asks for a free one. */
  listen(host: string, port: number): Promise<number>;
  /** No new connections; those that stand go on. */
  stopListening(): void;
  /** Ends everything at once. */
  close(): void;
}

/** `address`: of the client, as far as the proxies in front are trusted. */
export type HttpHandler = (request: Request, address: string) => Promise<Response> | Response;

export interface HttpHostOptions {
  readonly handler: HttpHandler;
  readonly bodyMaxBytes: number;
  /** Addresses whose `X-Real-IP` is believed. */
  readonly trustedProxies: readonly string[];
  readonly log: Logger;
  readonly unread?: UnreadBounds | undefined;
}

const BODYLESS = new Set(["GET", "HEAD"]);

export function createHttpHost(options: HttpHostOptions): HttpHost {
  const app = uWS.App();
  let socket: us_listen_socket | undefined;
  const unread = new Unread(options.unread ?? UNREAD_BOUNDS);
  app.any("/*", (res, req) => {
    void serve(res, req, options, unread);
  });
  const stopListening = (): void => {
    if (socket !== undefined) uWS.us_listen_socket_close(socket);
    socket = undefined;
  };
  return {
    app,
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        listenAlone(app, host, port, (listening) => {
          if (listening === false) {
            reject(new Error(`cannot listen on ${host}:${port}: another program has the port; choose one with PORT`));
            return;
          }
          socket = listening;
          resolve(uWS.us_socket_local_port(listening));
        });
      }),
    stopListening,
    close() {
      stopListening();
      app.close();
    },
  };
}

/**
 * By default uWS shares a port with whoever else listens there, and the two would serve each other's clients at random.
 * The option stands in the native module; its types do not know it for a host and a port.
 */
function listenAlone(
  app: TemplatedApp,
  host: string,
  port: number,
  listening: (socket: us_listen_socket | false) => void,
): void {
  const exclusive: unknown = Reflect.get(uWS, "LIBUS_LISTEN_EXCLUSIVE_PORT");
  Reflect.apply(app.listen, app, [host, port, exclusive, listening]);
}

async function serve(res: HttpResponse, req: HttpRequest, options: HttpHostOptions, unread: Unread): Promise<void> {
  let aborted = false;
  const aborting = new AbortController();
  res.onAborted(() => {
    aborted = true;
    aborting.abort();
  });
  const head = copyHead(res, req, options.trustedProxies);
  try {
    const body = BODYLESS.has(head.method) ? undefined : await readBody(res, options.bodyMaxBytes);
    if (body === null) {
      const reply = problem(413, "too_large", `a body has at most ${options.bodyMaxBytes} bytes`);
      if (!aborted) respond(res, reply, true);
      return;
    }
    const request = unread.isFull(head.address) ? UNREAD : toRequest(head, body, aborting.signal);
    if (!(request instanceof Request)) {
      if (!aborted) respond(res, request ?? BAD_REQUEST, true);
      return;
    }
    const reply = await toReply(await options.handler(request, head.address));
    if (aborted) return;
    // Requests that came in together all found room: the answers that find none are given up.
    if (!unread.mayWait(head.address, sizeOf(reply.body))) respond(res, UNREAD, true);
    else stream(res, reply, (bytes) => unread.send(res, bytes, head.address, aborting.signal));
  } catch (error) {
    if (aborted) return;
    options.log.error({ err: error, method: head.method, path: head.target.split("?", 1)[0] }, "request failed");
    respond(res, INTERNAL, true);
  }
}

interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly [string, string][];
  readonly address: string;
}

function copyHead(res: HttpResponse, req: HttpRequest, trustedProxies: readonly string[]): RequestHead {
  const query = req.getQuery();
  const headers: [string, string][] = [];
  req.forEach((name, value) => {
    headers.push([name, value]);
  });
  return {
    method: req.getMethod().toUpperCase(),
    target: query === undefined || query === "" ? req.getUrl() : `${req.getUrl()}?${query}`,
    headers,
    address: clientAddress(res, req.getHeader("x-real-ip"), trustedProxies),
  };
}

/** null for what fetch's Request cannot say: a method like TRACE, a header that is no header. */
function toRequest(head: RequestHead, body: ArrayBuffer | undefined, signal: AbortSignal): Request | null {
  try {
    const { method, headers } = head;
    return new Request(`http://host${head.target}`, { method, headers: [...headers], signal, body: body ?? null });
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** The body, or null when it is over its cap. Never settles after an abort: nobody is left to answer. */
function readBody(res: HttpResponse, maxBytes: number): Promise<ArrayBuffer | null> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    res.onData((chunk, isLast) => {
      size += chunk.byteLength;
      if (size > maxBytes) {
        chunks.length = 0;
        resolve(null);
        return;
      }
      chunks.push(new Uint8Array(chunk.slice(0)));
      if (isLast) resolve(join(chunks, size));
    });
  });
}

function join(chunks: readonly Uint8Array[], size: number): ArrayBuffer {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole.buffer;
}

interface Reply {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: ArrayBuffer | string;
}

async function toReply(response: Response): Promise<Reply> {
  return { status: response.status, headers: [...response.headers], body: await response.arrayBuffer() };
}

function respond(res: HttpResponse, reply: Reply, closeConnection: boolean): void {
  res.cork(() => {
    writeHead(res, reply);
    res.end(reply.body, closeConnection);
  });
}

function sizeOf(body: Reply["body"]): number {
  return typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
}

function stream(res: HttpResponse, reply: Reply, send: (body: Uint8Array) => void): void {
  res.cork(() => {
    writeHead(res, reply);
    const { body } = reply;
    if (typeof body === "string" || body.byteLength === 0) res.end(body);
    else send(new Uint8Array(body));
  });
}

/** uWS writes `content-length` itself. */
function writeHead(res: HttpResponse, reply: Reply): void {
  res.writeStatus(`${reply.status} ${STATUS_CODES[reply.status] ?? ""}`);
  for (const [name, value] of reply.headers) if (name !== "content-length") res.writeHeader(name, value);
}

function problem(status: number, code: string, detail: string, retryAfterMs?: number): Reply {
  const body = JSON.stringify({ type: "about:blank", title: STATUS_CODES[status], status, code, detail, retryAfterMs });
  const headers: [string, string][] = [["content-type", "application/problem+json"]];
  if (retryAfterMs !== undefined) headers.push(["retry-after", String(Math.ceil(retryAfterMs / 1_000))]);
  return { status, headers, body };
}

const INTERNAL = problem(500, "internal", "a fault of the server; it is in its log");
const BAD_REQUEST = problem(400, "bad_request", "the request cannot be read");
const UNREAD_RETRY_MS = 1_000;
const UNREAD = problem(
  503,
  "overloaded",
  "too many answers wait to be read; read them, then ask again",
  UNREAD_RETRY_MS,
);
