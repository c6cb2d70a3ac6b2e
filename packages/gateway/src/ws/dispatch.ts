import { CLOSE, type ClientFrame, FRAME_MAX_BYTES, ProtocolError } from "@hubbub/protocol";
import { type DecodedFrame, decodeClientFrame, REF_WITHIN_BYTES, tooLarge } from "@hubbub/protocol/codec";
import type { Connection } from "../connections/connection.ts";
import { FrameQueue } from "../connections/frame-queue.ts";
import type { Context } from "../context.ts";
import type { HandlerResult, PendingReply } from "../handlers/handler-result.ts";
import { hello } from "../handlers/hello.ts";
import { handleOther, isOfEvents, requireScope } from "../handlers/other-frames.ts";
import { ping } from "../handlers/ping.ts";
import { publish } from "../handlers/publish.ts";
import { publishFiles } from "../handlers/publish-files.ts";
import { Replies } from "../handlers/replies.ts";
import { subscribe } from "../handlers/subscribe.ts";
import { unsubscribe } from "../handlers/unsubscribe.ts";
import { overloaded } from "../overloaded.ts";
import { Refuser } from "./refuser.ts";

/**
 * Passes frames to handlers, and their errors to the refuser. Nothing else in this package catches on behalf of clients.
 *
 * The frames of one connection are handled in their order. While one is in progress the next ones wait; `ping` and `bye`
 * do not. A pending reply, for example to a long catch-up, holds nothing back.
 */
export class Dispatcher {
  readonly refuser: Refuser;
  readonly #context: Context;
  readonly #replies: Replies;

  constructor(context: Context) {
    this.#context = context;
    this.refuser = new Refuser(context);
    this.#replies = new Replies((connection, frame, error) => this.refuser.refuse(connection, frame, error));
  }

  receive(connection: Connection, message: ArrayBuffer, isBinary: boolean): void {
    if (!connection.isOpen || connection.isShutOut) return;
    const waitMs = this.refuser.waitMs(connection, performance.now());
    if (isBinary) {
      this.refuser.refuse(connection, undefined, new ProtocolError("binary_frame"));
      return;
    }
    if (waitMs === 0 && this.#context.acceptor.isFull && this.refuser.refuseUnread(connection, message)) return;
    const decoded = decode(message);
    if (waitMs > 0) this.refuser.refuseRate(connection, decoded, waitMs);
    else if (decoded.ok) this.#take(connection, decoded.frame, message.byteLength);
    else this.refuser.refuseBad(connection, decoded);
  }

  /** Resolves when no reply is pending. */
  settled(): Promise<void> {
    return this.#replies.settled();
  }

  #take(connection: Connection, frame: ClientFrame, bytes: number): void {
    const { identity, queue } = connection;
    const isUrgent = frame.type === "ping" || frame.type === "bye";
    if (queue !== null && (!isUrgent || identity === null)) {
      const isQueued = queue.push(frame, bytes, identity !== null);
      if (!isQueued) this.refuser.refuse(connection, frame, overloaded("too many frames wait on this connection"));
      return;
    }
    const work = this.#attempt(connection, frame);
    if (work === undefined) return;
    connection.queue = new FrameQueue();
    void this.#continue(connection, work);
  }

  /** Until the queue is empty. Never rejects: `#attempt` has caught. */
  async #continue(connection: Connection, first: Promise<void>): Promise<void> {
    await first;
    for (let frame = connection.queue?.shift(); frame && connection.isOpen; frame = connection.queue?.shift()) {
      await this.#attempt(connection, frame);
    }
    connection.queue = null;
  }

  /** What the next frame has to wait for. Errors are answered. */
  #attempt(connection: Connection, frame: ClientFrame): Promise<void> | undefined {
    try {
      const result = handle(this.#context, this.#replies, connection, frame);
      if (result === undefined) return undefined;
      if ("then" in result) return this.#finish(connection, frame, result);
      this.#replies.expect(connection, frame, result);
    } catch (error) {
      this.refuser.refuse(connection, frame, error);
    }
    return undefined;
  }

  async #finish(connection: Connection, frame: ClientFrame, work: Promise<PendingReply | undefined>): Promise<void> {
    try {
      const reply = await work;
      if (reply !== undefined) this.#replies.expect(connection, frame, reply);
    } catch (error) {
      this.refuser.refuse(connection, frame, error);
    }
  }
}

function decode(message: ArrayBuffer): DecodedFrame {
  // uWS has checked that it is UTF-8.
  const bytes = Buffer.from(message);
  if (bytes.length > FRAME_MAX_BYTES) return tooLarge(bytes.toString("utf8", 0, REF_WITHIN_BYTES));
  return decodeClientFrame(bytes.toString());
}

function handle(context: Context, replies: Replies, connection: Connection, frame: ClientFrame): HandlerResult {
  context.metrics.frameRead(frame.type);
  if (frame.type === "hello") return hello(context, connection, frame);
  const { identity } = connection;
  if (identity === null) throw new ProtocolError("hello_required");
  requireScope(identity, frame);
  context.presence.saw(identity.user.id, frame);
  switch (frame.type) {
    case "publish":
      return (frame.files === undefined ? publish : publishFiles)(context, replies, connection, identity, frame);
    case "subscribe":
      if (isOfEvents(frame)) return subscribe(context, connection, identity, frame);
      return handleOther(context, replies, connection, identity, frame);
    case "unsubscribe":
      return unsubscribe(context, connection, frame);
    case "ping":
      return ping(context, connection, frame);
    case "bye":
      connection.close(CLOSE.normal, "bye");
      return undefined;
    default:
      return handleOther(context, replies, connection, identity, frame);
  }
}
