import uWS, { type HttpRequest, type HttpResponse, type TemplatedApp, type us_listen_socket } from "uWebSockets.js";
import { randomUUID } from "node:crypto";
import type { Addresses } from "./address-list.ts";
import { clientAddress } from "./client-address.ts";
import { Handling } from "./http/handling.ts";
import { openApp, type TlsFiles } from "./http/open-app.ts";
import { type HeadReply, lengthOf, problem, type Reply, respond, toReply } from "./http/respond.ts";
import { StreamedBody } from "./http/streamed-body.ts";
import { sendStreamed, toStreamed } from "./http/streamed-reply.ts";
import { UNREAD_BOUNDS, Unread, type UnreadBounds } from "./http/unread.ts";
import type { Logger } from "./logger.ts";
import { pathFault } from "./request-target.ts";

/**
 * A uWebSockets app that serves a fetch handler. The only code that knows how long uWS requests live:
 *
 * - `onAborted` is registered before anything else, or uWS ends the process;
 * - everything is copied out of the request before the first await, for it lies on the stack of the callback;
 * - body chunks are copied, for they are neutered; a body has a cap, or is read as fast as the handler takes it (`streamsBody`);
 * - an answer that says its length is sent as fast as the client reads it;
 * - every write is corked and none happens after an abort;
 * - one catch, for whatever the handler throws.
 *
 * A path with more than one spelling is refused before the handler sees it. HEAD is handled as GET, and its body left out.
 */
export interface HttpHost {
  /** For WebSocket routes: attach them before `listen`. */
  readonly app: TemplatedApp;
  /** Resolves to the port; `port` 0 asks for a free one. */
  listen(host: string, port: number): Promise<number>;
  /** No new connections; those that stand go on. */
  stopListening(): void;
  /**
   * Stops listening, and from here on answers each request on an open connection with 503 and closes it. Streams in
   * either direction are cut off. Resolves when every request that came before is answered: what the handler needs can
   * be closed then.
   */
  finish(): Promise<void>;
  /** Ends everything at once. */
  close(): void;
}

/** `address`: of the client, as far as the proxies in front are trusted. */
export type HttpHandler = (request: Request, address: string) => Promise<Response> | Response;

export interface HttpHostOptions {
  readonly handler: HttpHandler;
  readonly bodyMaxBytes: number;
  /** Requests whose body has no cap here: the handler gets a stream, and bounds it. */
  readonly streamsBody?: ((method: string, path: string) => boolean) | undefined;
  /** Addresses whose `X-Real-IP` is believed. */
  readonly trustedProxies: Addresses;
  readonly log: Logger;
  /** undefined: without TLS. */
  readonly tls?: TlsFiles | undefined;
  readonly unread?: UnreadBounds | undefined;
}

const BODYLESS = new Set(["GET", "HEAD"]);

export function createHttpHost(options: HttpHostOptions): HttpHost {
  const app = openApp(options.tls);
  let socket: us_listen_socket | undefined;
  const handling = new Handling();
  const unread = new Unread(options.unread ?? UNREAD_BOUNDS);
  app.any("/*", (res, req) => {
    void serve(res, req, options, { handling, unread });
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
    finish() {
      stopListening();
      return handling.finish();
    },
    close() {
      stopListening();
      app.close();
    },
  };
}

/**
 * By default uWS shares a port with any other process that listens there, and the two would serve each other's clients at random.
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

interface Serving {
  readonly handling: Handling;
  readonly unread: Unread;
}

async function serve(
  res: HttpResponse,
  req: HttpRequest,
  options: HttpHostOptions,
  { handling, unread }: Serving,
): Promise<void> {
  const aborting = new AbortController();
  res.onAborted(() => aborting.abort());
  const head = copyHead(res, req, options.trustedProxies);
  const { signal } = aborting;
  const write = (bytes: Uint8Array): void => unread.send(res, bytes, head.address, signal);
  const send = (reply: Reply | HeadReply, closeConnection: boolean): void => {
    if (!signal.aborted) respond(res, reply, { method: head.method, closeConnection, write });
  };
  const body = await bodyOf(res, head, options, signal);
  if ("status" in body) send(body, true);
  else if (unread.isFull(head.address)) send(UNREAD, true);
  else if (!handling.begin()) send(STOPPING, true);
  else {
    const stop = (): void => (body instanceof StreamedBody ? body.stop() : undefined);
    const exchange: Exchange = { res, head, body, signal, handling, unread, send };
    try {
      await handling.whileStoppable(stop, answer(exchange, options));
    } catch (error) {
      const request = requestIdOf(head);
      const { method, path } = head;
      if (!signal.aborted) options.log.error({ err: error, method, path, request }, "request failed");
      send({ ...INTERNAL, headers: [...INTERNAL.headers, [REQUEST_ID, request]] }, true);
    } finally {
      handling.end();
    }
  }
}

type Body = StreamedBody | { readonly bytes: ArrayBuffer | undefined };

interface Exchange extends Serving {
  readonly res: HttpResponse;
  readonly head: RequestHead;
  readonly body: Body;
  readonly signal: AbortSignal;
  readonly send: (reply: Reply | HeadReply, closeConnection: boolean) => void;
}

/** Asks the handler, and sends what it answers. Rejects only before anything is sent. */
async function answer(exchange: Exchange, { handler, log }: HttpHostOptions): Promise<void> {
  const { res, head, body, signal, handling, unread, send } = exchange;
  const request = toRequest(head, body, signal);
  const response = request === null ? null : await handler(request, head.address);
  const isRead = body instanceof StreamedBody ? await body.discardRest() : true;
  const streamed = response === null ? null : toStreamed(response);
  if (streamed !== null && (head.method === "HEAD" || signal.aborted)) {
    await streamed.body.cancel();
    send(streamed, !isRead);
  } else if (streamed !== null) {
    await handling.whileStoppable(
      () => !signal.aborted && res.close(),
      sendStreamed(res, streamed, signal, !isRead).catch((error: unknown) => {
        log.error({ err: error, path: head.path }, "an answer was cut off");
      }),
    );
  } else {
    const reply = response === null ? BAD_REQUEST : await toReply(response);
    // Requests that came in together all found room: the answers that find none are given up.
    if (unread.mayWait(head.address, lengthOf(reply.body))) send(reply, request === null || !isRead);
    else send(UNREAD, true);
  }
}

/** What the handler may read, or the refusal of a request that it does not get to see. */
async function bodyOf(
  res: HttpResponse,
  head: RequestHead,
  { bodyMaxBytes, streamsBody }: HttpHostOptions,
  signal: AbortSignal,
): Promise<Reply | Body> {
  const fault = pathFault(head.path);
  if (fault !== null) return problem(400, "bad_request", fault);
  if (BODYLESS.has(head.method)) return { bytes: undefined };
  if (streamsBody?.(head.method, head.path) === true) return new StreamedBody(res, signal);
  const bytes = await readBody(res, bodyMaxBytes);
  return bytes === null ? problem(413, "too_large", `a body has at most ${bodyMaxBytes} bytes`) : { bytes };
}

interface RequestHead {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
  readonly headers: readonly [string, string][];
  readonly address: string;
}

const REQUEST_ID = "x-request-id";

/** The id that the proxy sent and logged. A client can choose one too: it finds log lines and decides nothing. */
function requestIdOf({ headers }: RequestHead): string {
  const given = headers.find(([name]) => name === REQUEST_ID)?.[1];
  return given !== undefined && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}

function copyHead(res: HttpResponse, req: HttpRequest, trustedProxies: Addresses): RequestHead {
  const query = req.getQuery();
  const headers: [string, string][] = [];
  req.forEach((name, value) => {
    headers.push([name, value]);
  });
  return {
    method: req.getMethod().toUpperCase(),
    path: req.getUrl(),
    query: query === undefined || query === "" ? "" : `?${query}`,
    headers,
    address: clientAddress(res, req.getHeader("x-real-ip"), trustedProxies),
  };
}

/** Methods that fetch's Request refuses. The handler gets them under a name that no route has, and says what is allowed. */
const UNSPEAKABLE = new Set(["TRACE", "TRACK", "CONNECT"]);

/** null for what fetch's Request cannot say, such as a header that is no header. */
function toRequest(head: RequestHead, body: Body, signal: AbortSignal): Request | null {
  try {
    const { path, query, headers } = head;
    const spoken = UNSPEAKABLE.has(head.method) ? `X-${head.method}` : head.method;
    const method = spoken === "HEAD" ? "GET" : spoken;
    const content =
      body instanceof StreamedBody ? { body: body.stream, duplex: "half" as const } : { body: body.bytes ?? null };
    return new Request(`http://host${path}${query}`, { method, headers: [...headers], signal, ...content });
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** The body, or null when it is over its cap. Never settles after an abort. */
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

const INTERNAL = problem(500, "internal", "internal server error; see the server log");
const BAD_REQUEST = problem(400, "bad_request", "the request cannot be read");
/** For requests on connections that were open when the process began to stop. */
const STOPPING = problem(503, "unavailable", "this process stops; another one takes over", 1_000);
const UNREAD = problem(503, "overloaded", "too many answers wait to be read; read them, then ask again", 1_000);
