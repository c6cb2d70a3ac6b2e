/** A reply that comes later. The connection's next frame does not wait for it. */
export interface PendingReply {
  readonly replied: Promise<void>;
}

/** What the next frame of the connection must wait for is a promise; a reply that comes later may follow it. */
export type HandlerResult = undefined | PendingReply | Promise<PendingReply | undefined>;
