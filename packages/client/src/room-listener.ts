import type { GapFrame, RoomEvent, ServerFrameOf } from "@hubbub/protocol";
import type { Published } from "./http.ts";
import type { HubbubError } from "./hubbub-error.ts";
import type { PendingMessage } from "./outbox.ts";
import type { Position } from "./room-cursor.ts";

/** `unannounced`: the server left seqs out without a word, again and again. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly reason: GapFrame["reason"] | "unannounced";
}

/** What has become of a message of this client. */
export type Outcome =
  | { readonly state: "sending" }
  | { readonly state: "accepted"; readonly published: Published }
  | { readonly state: "refused"; readonly error: HubbubError };

/**
 * Called in the order of the room. What a listener throws is reported as an uncaught error, which ends a Node process; the
 * client itself goes on.
 */
export interface RoomListener {
  /** The last place that is already held, for example the end of a history page. Without it: only what is new. */
  readonly since?: Position | undefined;
  /** Each event once, seqs rising. */
  onEvent(event: RoomEvent): void;
  /** An event given before has another place now, because its epoch ended before it was durable. */
  onMoved?(event: RoomEvent, fromSeq: number): void;
  /** These seqs will not come. */
  onGap?(gap: Gap): void;
  /** Of the events of `epoch`, everything up to `seq` is committed. It says nothing of those of another epoch. */
  onDurable?(seq: number, epoch: number): void;
  onEpoch?(epoch: number): void;
  /** Typing, presence, and whatever a newer server has. */
  onSignal?(signal: ServerFrameOf<"signal">): void;
  /** Another connection of the user has read up to `seq`. */
  onRead?(seq: number): void;
  /** The replay is over, the room is live: after the first subscribe and after every reconnect. */
  onLive?(at: Position): void;
  /** The room is closed to this user, now and on every reconnect. */
  onRefused?(error: HubbubError): void;
  /** An own event that was acked is lost with its epoch, and sending it again was refused. */
  onLost?(id: string, error: HubbubError): void;
  /** A message of this client was given, accepted or refused. At the end of the client all that wait are refused. */
  onOutgoing?(message: PendingMessage, outcome: Outcome): void;
}
