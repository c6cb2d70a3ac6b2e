import { BrokerUnavailable } from "@hubbub/broker";
import {
  CLOSE,
  type ClientFrame,
  type CloseCode,
  type ErrorCode,
  FRAME_MAX_BYTES,
  isRetryable,
  ProtocolError,
} from "@hubbub/protocol";
import { type DecodedFrame, decodeClientFrame, REF_WITHIN_BYTES, tooLarge } from "@hubbub/protocol/codec";
import { spread } from "@hubbub/runtime";
import { isUnavailable } from "@hubbub/store";
import type { Connection, Identity } from "../connections/connection.ts";
import { FrameQueue } from "../connections/frame-queue.ts";
import { encodeError, encodeOverloaded, type Refusal } from "../connections/frames.ts";
import { SHUT_OUT_MS } from "../connections/refusals.ts";
import type { Context } from "../context.ts";
import { bye } from "../handlers/bye.ts";
import type { HandlerResult, PendingReply } from "../handlers/handler-result.ts";
import { hello } from "../handlers/hello.ts";
import { ping } from "../handlers/ping.ts";
import { publish } from "../handlers/publish.ts";
import { Replies } from "../handlers/replies.ts";
import { subscribe } from "../handlers/subscribe.ts";
import { typing } from "../handlers/typing.ts";
import { unsubscribe } from "../handlers/unsubscribe.ts";
import { unsupported } from "../handlers/unsupported.ts";
import { readPublishHead } from "./publish-head.ts";

const RETRY_AFTER_MS = 1_000;

/** Refusals after which nothing more can be said. */
const CLOSING: Partial<Record<ErrorCode, CloseCode>> = {
  bad_token: CLOSE.badToken,
  session_revoked: CLOSE.sessionRevoked,
  binary_frame: CLOSE.protocolViolation,
  hello_required: CLOSE.protocolViolation,
};

/**
 * From bytes to handlers and from their errors to `error` frames: the only catch of this package on behalf of clients.
 *
 * The frames of one connection are handled in their order. While one is in progress the next ones wait; `ping` and `bye`
 * do not. A pending reply, for example to a long catch-up, holds nothing back.
 */
export class Dispatcher {
  readonly #context: Context;
  readonly #replies = new Replies((connection, frame, error) => this.#refuse(connection, frame, error));

  constructor(context: Context) {
    this.#context = context;
  }

  receive(connection: Connection, message: ArrayBuffer, isBinary: boolean): void {
    if (!connection.isOpen || connection.isShutOut) return;
    const waitMs = this.#context.refusals.frame(connection, performance.now());
    if (isBinary) {
      this.#refuse(connection, undefined, new ProtocolError("binary_frame"));
      return;
    }
    if (waitMs === 0 && this.#context.acceptor.isFull && this.#refuseUnread(connection, message)) return;
    const decoded = decode(message);
    if (waitMs > 0) this.#refuseRate(connection, decoded, waitMs);
    else if (decoded.ok) this.#take(connection, decoded.frame, message.byteLength);
    else this.#refuseBad(connection, decoded);
  }

  /** Resolves when no reply is pending. */
  settled(): Promise<void> {
    return this.#replies.settled();
  }

  /**
   * A WebSocket ping, which uWS answers by itself. Many of them end the connection, for there is no frame to refuse. Over the
   * rate of the address one counts as a refusal: others at the same address cannot end a connection that pings rarely.
   */
  pinged(connection: Connection): void {
    if (!connection.isOpen || connection.isShutOut) return;
    const { refusals, addressPings, metrics } = this.#context;
    const now = performance.now();
    const isFlood = refusals.frame(connection, now) > 0;
    if (!isFlood && addressPings.take(connection.address, now) === 0) return;
    metrics.refused("rate_limited");
    if (isFlood || refusals.isOver(connection, now)) shutOut(connection);
  }

  #take(connection: Connection, frame: ClientFrame, bytes: number): void {
    const { identity, queue } = connection;
    const isUrgent = frame.type === "ping" || frame.type === "bye";
    if (queue === null || (isUrgent && identity !== null)) this.#begin(connection, frame);
    else if (!queue.push(frame, bytes, identity !== null)) this.#refuse(connection, frame, queueFull());
  }

  #begin(connection: Connection, frame: ClientFrame): void {
    const work = this.#attempt(connection, frame, () => handle(this.#context, this.#replies, connection, frame));
    if (work === undefined) return;
    connection.queue = new FrameQueue();
    void this.#continue(connection, work);
  }

  /** Until the queue is empty. Never rejects: `#attempt` has caught. */
  async #continue(connection: Connection, first: Promise<void>): Promise<void> {
    await first;
    for (let frame = connection.queue?.shift(); frame && connection.isOpen; frame = connection.queue?.shift()) {
      const next = frame;
      await this.#attempt(connection, next, () => handle(this.#context, this.#replies, connection, next));
    }
    connection.queue = null;
  }

  /** What the next frame has to wait for. Errors are answered. */
  #attempt(connection: Connection, frame: ClientFrame, work: () => HandlerResult): Promise<void> | undefined {
    try {
      const result = work();
      if (result === undefined) return undefined;
      if ("then" in result) return this.#finish(connection, frame, result);
      this.#expect(connection, frame, result);
    } catch (error) {
      this.#refuse(connection, frame, error);
    }
    return undefined;
  }

  async #finish(connection: Connection, frame: ClientFrame, work: Promise<PendingReply | undefined>): Promise<void> {
    try {
      const reply = await work;
      if (reply !== undefined) this.#expect(connection, frame, reply);
    } catch (error) {
      this.#refuse(connection, frame, error);
    }
  }

  #expect(connection: Connection, frame: ClientFrame, { replied }: PendingReply): void {
    this.#replies.begin();
    replied.then(
      () => this.#replies.end(),
      (error: unknown) => this.#replies.fail(connection, frame, error),
    );
  }

  /**
   * While nothing can be accepted, refusing must cost less than accepting: the same thread does both. What waits in the outbox
   * until the next flush is bounded by what one turn of the event loop reads of a connection.
   */
  #refuseUnread(connection: Connection, message: ArrayBuffer): boolean {
    const head = connection.identity === null ? null : readPublishHead(message);
    if (head === null) return false;
    const { metrics, flusher } = this.#context;
    metrics.frameRead("publish");
    metrics.refused("overloaded");
    if (head.round !== undefined) connection.holdBack(head.round, head.ref);
    connection.sendWith(flusher, encodeOverloaded(head.ref, spread(RETRY_AFTER_MS)));
    return true;
  }

  #refuseRate(connection: Connection, decoded: DecodedFrame, retryAfterMs: number): void {
    if (decoded.ok) holdBack(connection, decoded.frame, "rate_limited");
    this.#tell(connection, refOf(decoded), { code: "rate_limited", message: "too many frames", retryAfterMs });
  }

  #refuseBad(connection: Connection, refusal: Extract<DecodedFrame, { ok: false }>): void {
    this.#tell(connection, refusal.ref, refusal);
    connection.badFrames += 1;
    const isOver = connection.badFrames > this.#context.settings.BAD_FRAMES_MAX;
    if (isOver) connection.close(CLOSE.protocolViolation, refusal.code);
  }

  #refuse(connection: Connection, frame: ClientFrame | undefined, error: unknown): void {
    const refusal = this.#toRefusal(frame, error);
    if (frame !== undefined) holdBack(connection, frame, refusal.code);
    this.#tell(connection, frame !== undefined && "ref" in frame ? frame.ref : undefined, refusal);
    const close = closeCodeOf(frame, refusal.code, connection.identity !== null);
    if (close !== undefined) connection.close(close, refusal.code);
  }

  #tell(connection: Connection, ref: number | undefined, refusal: Refusal): void {
    this.#context.metrics.refused(refusal.code);
    connection.send(encodeError(ref, refusal));
    const isCounted = refusal.code === "rate_limited" || connection.identity === null;
    if (isCounted && this.#context.refusals.isOver(connection, performance.now())) shutOut(connection);
  }

  #toRefusal(frame: ClientFrame | undefined, error: unknown): Refusal {
    if (error instanceof ProtocolError) return error;
    if (error instanceof BrokerUnavailable || isUnavailable(error)) {
      return { code: "unavailable", message: "a part of the cluster is away", retryAfterMs: RETRY_AFTER_MS };
    }
    this.#context.log.error({ err: error, frame: frame?.type }, "frame failed");
    return new ProtocolError("internal");
  }
}

function shutOut(connection: Connection): void {
  if (connection.isShutOut) return;
  connection.isShutOut = true;
  setTimeout(() => connection.close(CLOSE.overloaded, "rate_limited"), SHUT_OUT_MS).unref();
}

/** An event that will be sent again keeps its place before what was sent behind it. */
function holdBack(connection: Connection, frame: ClientFrame, code: ErrorCode): void {
  if ("round" in frame && frame.round !== undefined && isRetryable(code)) connection.holdBack(frame.round, frame.ref);
}

/** A first hello that fails ends the connection, for there is nothing it could do; a renewal may be tried again. */
function closeCodeOf(frame: ClientFrame | undefined, code: ErrorCode, isKnown: boolean): CloseCode | undefined {
  const isOver = frame?.type === "hello" && !isKnown;
  return CLOSING[code] ?? (isOver ? CLOSE.overloaded : undefined);
}

function queueFull(): ProtocolError {
  return new ProtocolError("overloaded", "too many frames wait on this connection", {
    retryAfterMs: spread(RETRY_AFTER_MS),
  });
}

function decode(message: ArrayBuffer): DecodedFrame {
  // uWS has checked that it is UTF-8.
  const bytes = Buffer.from(message);
  if (bytes.length > FRAME_MAX_BYTES) return tooLarge(bytes.toString("utf8", 0, REF_WITHIN_BYTES));
  return decodeClientFrame(bytes.toString());
}

function refOf(decoded: DecodedFrame): number | undefined {
  if (!decoded.ok) return decoded.ref;
  return "ref" in decoded.frame ? decoded.frame.ref : undefined;
}

function handle(context: Context, replies: Replies, connection: Connection, frame: ClientFrame): HandlerResult {
  context.metrics.frameRead(frame.type);
  if (frame.type === "hello") return hello(context, connection, frame);
  if (connection.identity === null) throw new ProtocolError("hello_required");
  return handleKnown(context, replies, connection, connection.identity, frame);
}

function handleKnown(
  context: Context,
  replies: Replies,
  connection: Connection,
  identity: Identity,
  frame: Exclude<ClientFrame, { type: "hello" }>,
): HandlerResult {
  switch (frame.type) {
    case "publish":
      return publish(context, replies, connection, identity, frame);
    case "subscribe":
      return subscribe(context, connection, identity, frame);
    case "unsubscribe":
      return unsubscribe(context, connection, frame);
    case "typing":
      return typing(context, connection, identity, frame);
    case "ping":
      return ping(context, connection, frame);
    case "bye":
      return bye(connection);
    case "edit":
    case "delete":
    case "react":
    case "read":
      return unsupported();
    default:
      // A frame without a case above does not compile.
      frame satisfies never;
      return undefined;
  }
}
