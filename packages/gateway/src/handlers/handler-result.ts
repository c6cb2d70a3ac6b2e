/** A reply that comes later. The connection's next frame does not wait for it. */
export interface PendingReply {
  readonly replied: Promise<void>;
}

/** undefined: the frame is handled. A promise: the connection's next frame must wait for it. */
export type HandlerResult = undefined | PendingReply | Promise<PendingReply | undefined>;
