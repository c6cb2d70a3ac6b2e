/** Lines that only this user sees, of commands. */
const SAID_MAX = 100;

/** Lines that stand behind the event `after`. */
export interface Said {
  readonly id: number;
  readonly after: number;
  readonly lines: readonly string[];
  /** Said beside this thread. */
  readonly thread: number | undefined;
}

/** What the program has said to the user in a room. */
export class SaidLines {
  all: readonly Said[] = [];
  #count = 0;

  add(said: Omit<Said, "id">): void {
    this.#count += 1;
    this.all = [...this.all, { id: this.#count, ...said }].slice(-SAID_MAX);
  }

  get newest(): Said | undefined {
    return this.all.at(-1);
  }

  forget(): void {
    this.all = [];
  }
}
