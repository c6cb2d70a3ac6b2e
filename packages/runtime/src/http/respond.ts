import type { HttpResponse } from "uWebSockets.js";
import { STATUS_CODES } from "node:http";
import { SECURITY_HEADERS } from "../security-headers.ts";

export interface ReplyHead {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
}

/** An answer, whole in memory. */
export interface Reply extends ReplyHead {
  readonly body: ArrayBuffer | string;
}

/** The head of an answer whose body is not sent. */
export interface HeadReply extends ReplyHead {
  /** Length of the body. */
  readonly bytes: number;
}

export interface ReplyTo {
  /** As in the request line, in capitals. */
  readonly method: string;
  readonly closeConnection: boolean;
  /** Ends the response with a body of bytes, after its headers; without it uWS keeps what the client has not read. */
  readonly write?: ((body: Uint8Array) => void) | undefined;
}

/** These have no body, and RFC 9110 8.6 forbids them a length. */
const BODILESS = new Set([204, 304]);
/** Written by uWS itself. */
const OWN = new Set(["content-length", "connection"]);

export async function toReply(response: Response): Promise<Reply> {
  return { status: response.status, headers: [...response.headers], body: await response.arrayBuffer() };
}

/** To be called once, with the response not aborted. A `connection: close` of the reply closes the connection. */
export function respond(
  res: HttpResponse,
  reply: Reply | HeadReply,
  { method, closeConnection, write }: ReplyTo,
): void {
  const isClosing =
    closeConnection || reply.headers.some(([name, value]) => name === "connection" && value === "close");
  res.cork(() => {
    writeHead(res, reply);
    // An argument, even undefined, would be written as a length.
    if (BODILESS.has(reply.status)) res.endWithoutBody();
    else if ("bytes" in reply) res.endWithoutBody(reply.bytes, isClosing);
    else if (method === "HEAD") res.endWithoutBody(lengthOf(reply.body), isClosing);
    else if (write !== undefined && !isClosing && typeof reply.body !== "string" && reply.body.byteLength > 0) {
      write(new Uint8Array(reply.body));
    } else res.end(reply.body, isClosing);
  });
}

/** Status and headers, without a length. Call it corked. */
export function writeHead(res: HttpResponse, { status, headers }: ReplyHead): void {
  const named = new Set(headers.map(([name]) => name));
  res.writeStatus(`${status} ${STATUS_CODES[status] ?? ""}`);
  for (const [name, value] of headers) if (!OWN.has(name)) res.writeHeader(name, value);
  for (const [name, value] of SECURITY_HEADERS) if (!named.has(name)) res.writeHeader(name, value);
}

/** In bytes. */
export function lengthOf(body: ArrayBuffer | string): number {
  return typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
}

export function problem(status: number, code: string, detail: string, retryAfterMs?: number): Reply {
  const title = STATUS_CODES[status];
  const headers: [string, string][] = [["content-type", "application/problem+json"]];
  if (retryAfterMs !== undefined) headers.push(["retry-after", String(Math.ceil(retryAfterMs / 1_000))]);
  return {
    status,
    headers,
    body: JSON.stringify({ type: "about:blank", title, status, code, detail, retryAfterMs }),
  };
}
