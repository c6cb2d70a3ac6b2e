import { syncBuiltinESMExports } from "node:module";
import timersPromises from "node:timers/promises";

interface Task {
  readonly due: number;
  readonly order: number;
  act: (() => void) | null;
}

/** Unix ms at which every virtual clock begins. */
const EPOCH_MS = 1_700_000_000_000;
/** Monotonic ms at which it begins: code takes 0 for "never". */
const START_MS = 100_000;

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  dateNow: Date.now,
  performanceNow: performance.now.bind(performance),
  random: Math.random,
  delay: timersPromises.setTimeout,
};

/**
 * Timers, immediates, clocks and `Math.random` of everything that runs in this process, driven by the test: no two runs
 * from one seed differ. Between two tasks all promises settle as far as they can.
 */
export class VirtualTime implements Disposable {
  #now = START_MS;
  #order = 0;
  /** A binary heap by due time, then by order. */
  readonly #heap: Task[] = [];
  isOver = false;

  constructor(random: () => number) {
    const setTimer = (act: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      this.#timer(() => act(...args), Math.max(1, Number(ms) || 0));
    Object.assign(globalThis, {
      setTimeout: setTimer,
      clearTimeout: (timer: unknown) => {
        if (timer instanceof VirtualTimer) timer.clear();
      },
      setImmediate: (act: (...args: unknown[]) => void, ...args: unknown[]) => this.#timer(() => act(...args), 0),
      setInterval: (act: () => void, ms: number) => this.#interval(act, Math.max(1, ms)),
      clearInterval: (timer: unknown) => {
        if (timer instanceof VirtualTimer) timer.clear();
      },
    });
    Date.now = () => EPOCH_MS + Math.floor(this.#now - START_MS);
    performance.now = () => this.#now;
    Math.random = random;
    Object.assign(timersPromises, {
      setTimeout: (ms: number, value: unknown, options?: { signal?: AbortSignal }) =>
        this.#delay(ms, value, options?.signal),
    });
    syncBuiltinESMExports();
  }

  get now(): number {
    return this.#now;
  }

  /** Runs what is due within `ms`, or until `isDone`. */
  async run(ms: number, isDone: () => boolean = () => false): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (let next = this.#heap[0]; next !== undefined && next.due <= until && !isDone(); next = this.#heap[0]) {
      this.#pop();
      if (next.act === null) continue;
      this.#now = Math.max(this.#now, next.due);
      next.act();
      await settled();
    }
    if (!isDone()) this.#now = Math.max(this.#now, until);
  }

  /** Nothing of this time ever happens again. */
  [Symbol.dispose](): void {
    this.isOver = true;
    this.#heap.length = 0;
    Object.assign(globalThis, {
      setTimeout: real.setTimeout,
      clearTimeout: real.clearTimeout,
      setInterval: real.setInterval,
      clearInterval: real.clearInterval,
      setImmediate: real.setImmediate,
    });
    Date.now = real.dateNow;
    performance.now = real.performanceNow;
    Math.random = real.random;
    Object.assign(timersPromises, { setTimeout: real.delay });
    syncBuiltinESMExports();
  }

  #timer(act: () => void, ms: number): VirtualTimer {
    return new VirtualTimer(this.#push(act, ms));
  }

  #interval(act: () => void, ms: number): VirtualTimer {
    const again = () => {
      timer.task = this.#push(again, ms);
      act();
    };
    const timer = new VirtualTimer(this.#push(again, ms));
    return timer;
  }

  #delay(ms: number, value: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        timer.clear();
        reject(Object.assign(new Error("aborted"), { name: "AbortError", code: "ABORT_ERR" }));
      };
      const timer = this.#timer(
        () => {
          signal?.removeEventListener("abort", abort);
          resolve(value);
        },
        Math.max(1, ms),
      );
      if (signal?.aborted === true) abort();
      else signal?.addEventListener("abort", abort, { once: true });
    });
  }

  #push(act: () => void, ms: number): Task {
    const task: Task = { due: this.#now + ms, order: this.#order++, act };
    // What an earlier world still wants to do is of no interest.
    if (this.isOver) return task;
    const heap = this.#heap;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, task)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = task;
    return task;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const child = isEarlier(heap[left + 1], heap[left]) ? left + 1 : left;
      const below = heap[child];
      if (below === undefined || isBefore(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

class VirtualTimer {
  task: Task;

  constructor(task: Task) {
    this.task = task;
  }

  clear(): void {
    this.task.act = null;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}

/** Ticks come when no promise has anything left to do. Now and then the real loop has its turn. */
const TICKS_PER_TURN = 256;
let ticks = 0;

function settled(): Promise<void> {
  ticks += 1;
  return new Promise((resolve) => {
    if (ticks % TICKS_PER_TURN === 0) real.setImmediate(resolve);
    else process.nextTick(resolve);
  });
}

function isBefore(one: Task, other: Task): boolean {
  return one.due < other.due || (one.due === other.due && one.order < other.order);
}

function isEarlier(one: Task | undefined, other: Task | undefined): boolean {
  return one !== undefined && (other === undefined || isBefore(one, other));
}
