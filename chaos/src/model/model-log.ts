import type { AcceptRequest, AcceptResult, DurableMark, NumberedEvent, RoomHead } from "@hubbub/broker";
import { encodeDurable, type RoomId } from "@hubbub/protocol";
import { type LogBounds, LogState } from "./log-state.ts";

/** A holder of a subscription. */
export interface LogListener {
  heard(room: RoomId, frame: Buffer): void;
  /** The server went away, with all connections; `back` follows. */
  lost(): void;
  back(): void;
}

export interface ModelLogOptions extends LogBounds {
  /** How long what is committed is kept for a store that falls back. */
  readonly replayMs: number;
  /** Sabotage: a room that is initialised is numbered above what the log knows, and not above what anybody has seen. */
  readonly isSelfish?: boolean | undefined;
}

/**
 * The server of the room log: alone in what it does, until it is restarted with all, some or none of its data. What it
 * did is a journal, so that any part of the past can be brought back.
 */
export class ModelLog {
  readonly options: ModelLogOptions;
  readonly #listeners = new Set<LogListener>();
  readonly #appended = new Set<() => void>();
  #journal: ((state: LogState) => void)[] = [];
  #state = new LogState();
  #run = 1;
  #names = 0;
  #isUp = true;

  constructor(options: ModelLogOptions) {
    this.options = options;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Another one for every incarnation. */
  get run(): number {
    return this.#run;
  }

  get state(): LogState {
    return this.#state;
  }

  listen(listener: LogListener): void {
    this.#listeners.add(listener);
  }

  accept(batch: readonly AcceptRequest[]): readonly AcceptResult[] {
    const call = { run: this.#run, at: Date.now(), bounds: this.options };
    this.#journal.push((state) => state.accept(batch, call));
    const { results, frames } = this.#state.accept(batch, call);
    for (const { room, frame } of frames) this.publish(room, frame);
    if (frames.length > 0) for (const wake of [...this.#appended]) wake();
    return results;
  }

  initialise(room: RoomId, start: { epoch: number; head: number; seen: number }): RoomHead {
    this.#names += 1;
    const above = this.options.isSelfish === true ? { head: 0, seen: 0 } : {};
    const call = { ...start, ...above, run: this.#run, name: `born${this.#names}` };
    this.#journal.push((state) => state.initialise(room, call));
    return this.#state.initialise(room, call);
  }

  remember(room: RoomId, events: readonly NumberedEvent[]): void {
    this.#journal.push((state) => state.remember(room, events));
    this.#state.remember(room, events);
  }

  mark(marks: readonly DurableMark[]): void {
    this.#journal.push((state) => state.mark(marks));
    this.#state.mark(marks);
    for (const { room, seq } of marks) {
      this.publish(room, Buffer.from(encodeDurable(room, seq)));
    }
  }

  trim(committed: string): void {
    const [run, from] = [this.#run, Date.now() - this.options.replayMs];
    this.#journal.push((state) => state.trim(committed, run, from));
    this.#state.trim(committed, run, from);
  }

  publish(room: RoomId, frame: Buffer): void {
    for (const listener of this.#listeners) listener.heard(room, frame);
  }

  /** Resolves with the next append, or after `ms`. */
  untilAppended(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#appended.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#appended.add(wake);
    });
  }

  /** `lost`: how many of the newest changes are gone when it is back. */
  restart(downMs: number, lost: number): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    for (const listener of this.#listeners) listener.lost();
    setTimeout(() => {
      this.#run += 1;
      if (lost > 0) {
        this.#journal = this.#journal.slice(0, Math.max(0, this.#journal.length - lost));
        this.#state = new LogState();
        for (const change of this.#journal) change(this.#state);
      }
      this.#isUp = true;
      for (const listener of this.#listeners) listener.back();
    }, downMs);
  }
}
