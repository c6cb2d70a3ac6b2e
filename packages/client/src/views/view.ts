import { Alarm } from "../alarm.ts";
import { callOwner } from "../owner.ts";

/** A view without listeners goes on for this long: a page that builds a part of itself anew keeps what it shows. */
const LINGER_MS = 5_000;

/**
 * A value that changes, for something that shows it. `getSnapshot` answers the same object until something has changed, and
 * a snapshot never changes: both functions are what `useSyncExternalStore` of React takes. A view works while somebody
 * listens, and for a few seconds longer.
 */
export abstract class View<Snapshot> {
  readonly #listeners = new Set<() => void>();
  readonly #linger = new Alarm();
  #snapshot: Snapshot | undefined;
  #isRunning = false;
  #isToTell = false;

  /** Answers how to stop. */
  readonly subscribe = (listener: () => void): (() => void) => {
    const own = () => listener();
    this.#listeners.add(own);
    this.#linger.clear();
    if (!this.#isRunning) {
      this.#isRunning = true;
      this.start();
    }
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#linger.set(LINGER_MS, () => this.close());
    };
  };

  readonly getSnapshot = (): Snapshot => {
    this.#snapshot ??= this.read();
    return this.#snapshot;
  };

  /** Whether it works now. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Ends its work at once. A new listener begins it anew. */
  close(): void {
    this.#linger.clear();
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.stop();
  }

  /** @internal */
  protected abstract start(): void;
  /** @internal */
  protected abstract stop(): void;
  /** @internal A fresh snapshot of what is now. */
  protected abstract read(): Snapshot;

  /** @internal Listeners are told once a turn. */
  protected changed(): void {
    this.#snapshot = undefined;
    if (this.#isToTell || !this.#isRunning) return;
    this.#isToTell = true;
    queueMicrotask(() => {
      this.#isToTell = false;
      for (const listener of [...this.#listeners]) callOwner(listener);
    });
  }
}
