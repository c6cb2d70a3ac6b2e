/** A frame as it came, unchecked: a test looks at what it expects. */
export interface ReceivedFrame {
  readonly type: string;
  readonly [field: string]: unknown;
}

interface Waiter {
  readonly matches: (frame: ReceivedFrame) => boolean;
  settle(result: ReceivedFrame | Error): void;
}

/** A test that lets more frames pile up has lost the thread: the next `take` throws. */
const maxQueuedFrames = 10_000;

/** Frames wait here, in order, until the test asks for them. */
export class FrameQueue {
  readonly #frames: ReceivedFrame[] = [];
  readonly #waiters = new Set<Waiter>();
  #failure: Error | null = null;

  get frames(): readonly ReceivedFrame[] {
    return this.#frames;
  }

  push(frame: ReceivedFrame): void {
    const waiter = [...this.#waiters].find(({ matches }) => matches(frame));
    if (waiter !== undefined) waiter.settle(frame);
    else if (this.#frames.length < maxQueuedFrames) this.#frames.push(frame);
    else this.fail(new Error(`more than ${maxQueuedFrames} frames wait to be asked for`));
  }

  /** Nothing will come any more; what is queued can still be taken. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const waiter of this.#waiters) waiter.settle(this.#failure);
  }

  /** Takes the first frame that matches, or waits for it; the others stay. */
  take(matches: (frame: ReceivedFrame) => boolean, what: string, timeoutMs: number): Promise<ReceivedFrame> {
    const index = this.#frames.findIndex(matches);
    const [queued] = index === -1 ? [] : this.#frames.splice(index, 1);
    if (queued !== undefined) return Promise.resolve(queued);
    if (this.#failure !== null) return Promise.reject(new Error(`no ${what} will come`, { cause: this.#failure }));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        matches,
        settle: (result) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          if (result instanceof Error) reject(new Error(`no ${what}: ${result.message}`, { cause: result }));
          else resolve(result);
        },
      };
      const timer = setTimeout(() => {
        const others = this.#frames.map((frame) => frame.type).join(", ") || "nothing";
        waiter.settle(new Error(`none within ${timeoutMs} ms; in the queue: ${others}`));
      }, timeoutMs);
      this.#waiters.add(waiter);
    });
  }
}
