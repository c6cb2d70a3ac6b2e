import type { HttpResponse } from "uWebSockets.js";

/** Bytes of one body that wait in memory for the handler, beside the one chunk that uWS has just read (at most 512 KiB). */
const HELD_MAX_BYTES = 256 * 1_024;
/**
 * What is still read, and thrown away, of a body that the handler does not want. A connection that is closed before that loses the answer
 * on its way to the client.
 */
const DISCARDED_MAX_BYTES = 4 * 1_024 * 1_024;
const DISCARDED_MAX_MS = 2_000;

/**
 * uWS closes a connection whose body comes at less than 16 KiB a second for 10 s. Mobile clients do that, and the handler has a bound of its
 * own: a pause of no length begins the 10 s again, in which something must come.
 */
const RENEWED_MS = 3_000;

/** The body of a request has ended before its time. `stopping`: because the process stops; otherwise the client has left. */
export class BodyInterrupted extends Error {
  override readonly name = "BodyInterrupted";
  readonly isStopping: boolean;

  constructor(isStopping: boolean) {
    super(isStopping ? "the process stops" : "the client has left");
    this.isStopping = isStopping;
  }
}

/** A request body that is read as fast as the handler takes it. To be created before the first await of the request. */
export class StreamedBody {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #res: HttpResponse;
  readonly #aborted: AbortSignal;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #isPaused = false;
  #isWhole = false;
  #discarded = 0;
  #renewedAt = performance.now();
  #discarding: (() => void) | undefined;

  constructor(res: HttpResponse, aborted: AbortSignal) {
    this.#res = res;
    this.#aborted = aborted;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#resume(),
        cancel: () => {
          this.#controller = null;
          this.#resume();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: HELD_MAX_BYTES }),
    );
    aborted.addEventListener("abort", () => this.#interrupt(false));
    res.onData((chunk, isLast) => this.#take(chunk, isLast));
  }

  /** The handler gets no more of it. */
  stop(): void {
    this.#interrupt(true);
    this.#resume();
  }

  /** Resolves when the body was read, or as much of it as is read without anybody who wants it. Returns whether it was all. */
  async discardRest(): Promise<boolean> {
    if (this.#isWhole || this.#aborted.aborted) return this.#isWhole;
    this.#controller = null;
    this.#resume();
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(resolve, DISCARDED_MAX_MS);
      this.#discarding = () => {
        clearTimeout(deadline);
        resolve();
      };
    });
    this.#discarding = undefined;
    return this.#isWhole;
  }

  #take(chunk: ArrayBuffer, isLast: boolean): void {
    this.#isWhole = isLast;
    const controller = this.#controller;
    if (controller === null) {
      this.#discarded += chunk.byteLength;
      if (isLast || this.#discarded > DISCARDED_MAX_BYTES) this.#discarding?.();
      return;
    }
    if (chunk.byteLength > 0) controller.enqueue(new Uint8Array(chunk.slice(0)));
    if (isLast) {
      controller.close();
      this.#controller = null;
    } else if ((controller.desiredSize ?? 0) <= 0) {
      this.#pause();
    } else if (performance.now() - this.#renewedAt > RENEWED_MS) {
      this.#pause();
      this.#resume();
    }
  }

  #pause(): void {
    this.#isPaused = true;
    this.#res.pause();
  }

  #resume(): void {
    if (!this.#isPaused || this.#aborted.aborted) return;
    this.#isPaused = false;
    this.#renewedAt = performance.now();
    this.#res.resume();
  }

  #interrupt(isStopping: boolean): void {
    this.#controller?.error(new BodyInterrupted(isStopping));
    this.#controller = null;
    this.#discarding?.();
  }
}
