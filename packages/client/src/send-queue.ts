import type { Limits } from "@hubbub/protocol";
import { Alarm } from "./alarm.ts";
import { HubbubError } from "./hubbub-error.ts";
import type { Request } from "./link.ts";
import { Pace } from "./pace.ts";
import type { OnAnswer } from "./requests.ts";

/** Requests of one connection that wait for their turn; more are refused here with `outbox_full`. */
const QUEUE_MAX = 4_096;

export interface QueuedRequest {
  readonly request: Request;
  readonly timeoutMs: number;
  readonly onAnswer: OnAnswer;
}

/**
 * Requests leave as fast as the server's limits let them, so that a client with many rooms is not thrown out when it comes
 * back. Events go before the rest: their rooms are live. Each kind keeps its order.
 */
export class SendQueue {
  readonly #frames: Pace;
  readonly #publishes: Pace;
  readonly #send: (queued: QueuedRequest) => void;
  readonly #next = new Alarm();
  #events: QueuedRequest[] = [];
  #others: QueuedRequest[] = [];

  constructor(limits: Limits, send: (queued: QueuedRequest) => void) {
    const now = performance.now();
    this.#frames = new Pace(limits.framesPerSecond, now);
    this.#publishes = new Pace(limits.publishesPerSecond, now);
    this.#send = send;
  }

  push(queued: QueuedRequest): void {
    if (this.#events.length + this.#others.length >= QUEUE_MAX) {
      queued.onAnswer({ ok: false, error: new HubbubError("outbox_full") });
      return;
    }
    (isEvent(queued.request) ? this.#events : this.#others).push(queued);
    this.#run();
  }

  /** For frames without an answer that are worth nothing later: whether one may go now. */
  takesOne(): boolean {
    if (this.#events.length + this.#others.length > 0 || this.#frames.waitMs(performance.now()) > 0) return false;
    this.#frames.take();
    return true;
  }

  /** A frame that must not wait has been sent. */
  count(): void {
    this.#frames.take();
  }

  /** An event of this round was refused: the server would refuse these too. */
  dropRound(round: number): void {
    const isOver = ({ request }: QueuedRequest) => "round" in request && (request.round ?? round + 1) <= round;
    const dropped = this.#events.filter(isOver);
    this.#events = this.#events.filter((queued) => !isOver(queued));
    for (const { onAnswer } of dropped) onAnswer({ ok: false, error: new HubbubError("out_of_order") });
  }

  end(error: HubbubError): void {
    this.#next.clear();
    const waiting = [...this.#events.splice(0), ...this.#others.splice(0)];
    for (const { onAnswer } of waiting) onAnswer({ ok: false, error });
  }

  #run(): void {
    if (this.#next.isSet) return;
    for (;;) {
      const now = performance.now();
      const hasEvent = this.#events.length > 0;
      const eventWaitMs = hasEvent ? this.#publishes.waitMs(now) : Number.POSITIVE_INFINITY;
      const queue = eventWaitMs === 0 ? this.#events : this.#others;
      if (queue.length === 0 && !hasEvent) return;
      const waitMs = Math.max(this.#frames.waitMs(now), queue.length === 0 ? eventWaitMs : 0);
      if (waitMs > 0) {
        this.#next.set(waitMs, () => this.#run());
        return;
      }
      const queued = queue.shift();
      if (queued === undefined) return;
      this.#frames.take();
      if (queue === this.#events) this.#publishes.take();
      this.#send(queued);
    }
  }
}

export function isEvent({ type }: Request): boolean {
  return type === "publish" || type === "edit" || type === "delete" || type === "react" || type === "pin";
}
