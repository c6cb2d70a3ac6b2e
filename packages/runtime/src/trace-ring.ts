/** One thing that happened to one event in one process. */
export interface TraceStep {
  readonly room: string;
  readonly epoch: number;
  readonly seq: number;
  /**
   * `accepted`: the log answered the gateway or api. `delivered`: handed to the connections of a gateway. `stored`: committed by a
   * writer. `announced`: the durable mark that covers it was published.
   */
  readonly name: "accepted" | "recognised" | "delivered" | "stored" | "announced";
  /** When it was done, Unix ms with fractions, by the clock of this process. */
  readonly at: number;
  /** How long it took. */
  readonly ms: number;
  /** Events of its batch, or of `delivered` the connections. */
  readonly count: number;
}

/** Beyond it the oldest step goes. */
const STEPS_MAX = 4_096;

/** Unix ms with fractions: a wall clock that is not set back while the process runs. */
export const traceNow = (): number => performance.timeOrigin + performance.now();

/** The last steps of the events that are traced: those whose seq is a multiple of `every`, in all processes the same. */
export class TraceRing {
  readonly #every: number;
  readonly #steps: TraceStep[] = [];
  #next = 0;
  /** Is told of each step. */
  onStep: (step: TraceStep) => void = () => undefined;

  constructor(every: number) {
    this.#every = every;
  }

  isTraced(seq: number): boolean {
    return seq % this.#every === 0;
  }

  note(step: TraceStep): void {
    this.#steps[this.#next] = step;
    this.#next = (this.#next + 1) % STEPS_MAX;
    this.onStep(step);
  }

  find(room: string, seq: number): readonly TraceStep[] {
    return this.#steps.filter((step) => step.room === room && step.seq === seq);
  }
}
