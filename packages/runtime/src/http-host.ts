import uWS, { type HttpRequest, type HttpResponse, type TemplatedApp, type us_listen_socket } from "uWebSockets.js";
import { STATUS_CODES } from "node:http";
import type { Addresses } from "./address-list.ts";
import { clientAddress } from "./client-address.ts";
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
  readonly trustedProxies: Addresses;
  readonly log: Logger;
}

const BODYLESS = new Set(["GET", "HEAD"]);

export function createHttpHost(options: HttpHostOptions): HttpHost {
  const app = uWS.App();
  let socket: us_listen_socket | undefined;
  app.any("/*", (res, req) => {
    void serve(res, req, options);
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

async function serve(res: HttpResponse, req: HttpRequest, options: HttpHostOptions): Promise<void> {
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
    const request = toRequest(head, body, aborting.signal);
    const reply = request === null ? BAD_REQUEST : await toReply(await options.handler(request, head.address));
    if (!aborted) respond(res, reply, request === null);
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

function copyHead(res: HttpResponse, req: HttpRequest, trustedProxies: Addresses): RequestHead {
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

/** uWS writes `content-length` itself. */
function respond(res: HttpResponse, reply: Reply, closeConnection: boolean): void {
  res.cork(() => {
    res.writeStatus(`${reply.status} ${STATUS_CODES[reply.status] ?? ""}`);
    for (const [name, value] of reply.headers) if (name !== "content-length") res.writeHeader(name, value);
    res.end(reply.body, closeConnection);
  });
}

function problem(
  status: number,
  code: string,
  detail: string,
): { status: number; headers: [string, string][]; body: string } {
  const body = JSON.stringify({ type: "about:blank", title: STATUS_CODES[status], status, code, detail });
  return { status, headers: [["content-type", "application/problem+json"]], body };
}

const INTERNAL = problem(500, "internal", "a fault of the server; it is in its log");
const BAD_REQUEST = problem(400, "bad_request", "the request cannot be read");
