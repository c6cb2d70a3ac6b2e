import type { ServerFrame } from "@hubbub/protocol";
import { errorOfFrame, HubbubError } from "./hubbub-error.ts";

export type Answer =
  | { readonly ok: true; readonly frame: ServerFrame }
  | { readonly ok: false; readonly error: HubbubError };
/**
 * Called in the same turn in which the answer arrives: a durable mark right behind an ack must find the ack taken,
 * which a promise would only do a microtask later.
 */
export type OnAnswer = (answer: Answer) => void;

/** Unanswered requests of one connection; more are refused here with `outbox_full`. */
const MAX_UNANSWERED = 4_096;

/** Requests that wait for their answer, by ref. */
export class Requests {
  readonly #waiting = new Map<number, { onAnswer: OnAnswer; timer: ReturnType<typeof setTimeout>; length: number }>();
  #lastRef = 0;

  /** The ref to send the request with, or undefined at the bound. `length`: of what it carries, if that may be too long. */
  open(timeoutMs: number, length: number, onAnswer: OnAnswer): number | undefined {
    if (this.#waiting.size >= MAX_UNANSWERED) {
      onAnswer({ ok: false, error: new HubbubError("outbox_full") });
      return undefined;
    }
    const ref = ++this.#lastRef;
    const timer = setTimeout(() => this.#settle(ref, { ok: false, error: new HubbubError("timeout") }), timeoutMs);
    this.#waiting.set(ref, { onAnswer, timer, length });
    return ref;
  }

  answer(frame: ServerFrame): void {
    if (!("ref" in frame) || frame.ref === undefined) return;
    const isRefusal = frame.type === "error";
    this.#settle(frame.ref, isRefusal ? { ok: false, error: errorOfFrame(frame) } : { ok: true, frame });
  }

  /** The longest one, which closed the connection. */
  failLongest(error: HubbubError): void {
    let longest = { ref: 0, length: 0 };
    for (const [ref, { length }] of this.#waiting) if (length > longest.length) longest = { ref, length };
    this.#settle(longest.ref, { ok: false, error });
  }

  failAll(error: HubbubError): void {
    for (const ref of [...this.#waiting.keys()]) this.#settle(ref, { ok: false, error });
  }

  #settle(ref: number, answer: Answer): void {
    const waiting = this.#waiting.get(ref);
    if (waiting === undefined) return;
    this.#waiting.delete(ref);
    clearTimeout(waiting.timer);
    waiting.onAnswer(answer);
  }
}
