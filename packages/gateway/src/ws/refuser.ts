import { BrokerUnavailable } from "@hubbub/broker";
import { CLOSE, type ClientFrame, type CloseCode, type ErrorCode, isRetryable, ProtocolError } from "@hubbub/protocol";
import type { DecodedFrame } from "@hubbub/protocol/codec";
import { spread, TokenBucket } from "@hubbub/runtime";
import { isUnavailable } from "@hubbub/store";
import type { Connection } from "../connections/connection.ts";
import { encodeError, encodeOverloaded, type Refusal } from "../connections/error-frames.ts";
import type { Context } from "../context.ts";
import { isOwnDoing, type Level } from "../limits/penalties.ts";
import { readPublishHead } from "./publish-head.ts";

/** Refusals that one connection may cause: a burst of ten seconds' worth of frames, and a tenth of its rate over time. */
const BURST_SECONDS = 10;
const SHARE = 0.1;
/** Burst of a connection that is not authenticated. */
const BURST_BEFORE_HELLO = 32;
/** A connection that is shut out is ignored for this long and then closed, so that an immediate reconnect gains little. */
const SHUT_OUT_MS = 1_000;
const RETRY_AFTER_MS = 1_000;

/** Refusals after which nothing more can be said. */
const CLOSING: Partial<Record<ErrorCode, CloseCode>> = {
  bad_token: CLOSE.badToken,
  bad_ticket: CLOSE.badToken,
  session_revoked: CLOSE.sessionRevoked,
  binary_frame: CLOSE.protocolViolation,
  hello_required: CLOSE.protocolViolation,
};

/**
 * Turns errors into `error` frames. Refusals for a rate and refusals before the hello have a limit of their own, because they
 * cost CPU too. A connection that exceeds it is shut out.
 */
export class Refuser {
  readonly #context: Context;
  readonly #rate: number;

  constructor(context: Context) {
    this.#context = context;
    this.#rate = context.settings.FRAMES_PER_SECOND;
  }

  /** Takes a frame from its rates: 0, or the milliseconds after which the connection or its user may send again. */
  waitMs({ frames, identity }: Connection, now: number): number {
    return frames.take(now) || (identity === null ? 0 : this.#context.limits.frames.waitToTake(identity.user.id, now));
  }

  /**
   * While nothing can be accepted, refusing must cost less than accepting: the same thread does both. What waits in the outbox
   * until the next flush is bounded by what one turn of the event loop reads of a connection. true: the frame was a publish.
   */
  refuseUnread(connection: Connection, message: ArrayBuffer): boolean {
    const head = connection.identity === null ? null : readPublishHead(message);
    if (head === null) return false;
    const { metrics, flusher } = this.#context;
    metrics.frameRead("publish");
    metrics.refused("overloaded");
    connection.holdBack(head);
    connection.sendWith(flusher, encodeOverloaded(head.ref, spread(RETRY_AFTER_MS)));
    return true;
  }

  refuseRate(connection: Connection, decoded: DecodedFrame, retryAfterMs: number): void {
    if (decoded.ok && "round" in decoded.frame) connection.holdBack(decoded.frame);
    const ref = decoded.ok ? refOf(decoded.frame) : decoded.ref;
    this.#tell(connection, ref, this.#context.limits.frameRefusal(connection, retryAfterMs));
  }

  refuseBad(connection: Connection, refusal: Extract<DecodedFrame, { ok: false }>): void {
    this.#tell(connection, refusal.ref, refusal);
    connection.badFrames += 1;
    const isOver = connection.badFrames > this.#context.settings.BAD_FRAMES_MAX;
    if (isOver) connection.close(CLOSE.protocolViolation, refusal.code);
  }

  /** A first hello that fails ends the connection, for there is nothing it could do; a renewal may be tried again. */
  refuse(connection: Connection, frame: ClientFrame | undefined, error: unknown): void {
    const refusal = this.#toRefusal(frame, error);
    if (frame !== undefined && "round" in frame && isRetryable(refusal.code)) connection.holdBack(frame);
    this.#tell(connection, refOf(frame), refusal, frame?.type === "subscribe" ? frame.room : undefined);
    const isOver = frame?.type === "hello" && connection.identity === null;
    const close = CLOSING[refusal.code] ?? (isOver ? CLOSE.overloaded : undefined);
    if (close !== undefined) connection.close(close, refusal.code);
  }

  /**
   * A WebSocket ping, which uWS answers by itself. Many of them end the connection, for there is no frame to refuse. Over the
   * rate of the address one counts as a refusal: others at the same address cannot end a connection that pings rarely.
   */
  pinged(connection: Connection): void {
    if (!connection.isOpen || connection.isShutOut) return;
    const now = performance.now();
    const isFlood = this.waitMs(connection, now) > 0;
    if (!isFlood && this.#context.limits.pings.waitToTake(connection.address, now) === 0) return;
    this.#context.metrics.refused("rate_limited");
    if (this.#count(connection, now) === "closed" || isFlood) shutOut(connection);
  }

  #tell(connection: Connection, ref: number | undefined, refusal: Refusal, room?: string): void {
    this.#context.metrics.refused(refusal.code);
    const isCounted = connection.identity === null || (refusal.code === "rate_limited" && isOwnDoing(refusal.limit));
    const level = isCounted ? this.#count(connection, performance.now(), refusal.limit) : null;
    connection.send(encodeError(ref, refusal, room, level === null || level === "closed" ? undefined : level));
    if (level === "closed") shutOut(connection);
  }

  /** Counts a refusal of the connection, and of its user. */
  #count(connection: Connection, now: number, limit?: Refusal["limit"]): Level | null {
    const { identity, address } = connection;
    const { penalties } = this.#context.limits;
    const burst = identity === null ? BURST_BEFORE_HELLO : this.#rate * BURST_SECONDS;
    connection.refusals ??= new TokenBucket(this.#rate * SHARE, now, burst);
    const level = identity === null ? null : penalties.refused(identity.user.id, address, now, limit);
    return connection.refusals.take(now) > 0 ? "closed" : level;
  }

  #toRefusal(frame: ClientFrame | undefined, error: unknown): Refusal {
    if (error instanceof ProtocolError) return error;
    if (error instanceof BrokerUnavailable || isUnavailable(error)) {
      return { code: "unavailable", message: "a part of the cluster is away", retryAfterMs: RETRY_AFTER_MS };
    }
    this.#context.log.error({ err: error, frame }, "frame failed");
    return new ProtocolError("internal");
  }
}

function shutOut(connection: Connection): void {
  if (connection.isShutOut) return;
  connection.isShutOut = true;
  const code = connection.identity === null ? CLOSE.overloaded : CLOSE.slow;
  setTimeout(() => connection.close(code, "rate_limited"), SHUT_OUT_MS).unref();
}

function refOf(frame: ClientFrame | undefined): number | undefined {
  return frame !== undefined && "ref" in frame ? frame.ref : undefined;
}
