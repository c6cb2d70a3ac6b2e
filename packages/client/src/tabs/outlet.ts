import type { Limits } from "@hubbub/protocol";
import { Alarm } from "../alarm.ts";
import { Pace } from "../pace.ts";

/** UTF-16 units of frames that wait for their turn on the wire. */
const OUTLET_MAX = 2 * 1024 * 1024;

interface Waiting {
  readonly text: string;
  readonly isPublish: boolean;
}

/** Each tab keeps the limits of a connection by itself; together they keep them here. All frames leave in one order. */
export class Outlet {
  readonly #send: (text: string) => void;
  readonly #frames: Pace;
  readonly #publishes: Pace;
  readonly #next = new Alarm();
  #waiting: Waiting[] = [];
  #units = 0;

  constructor(limits: Limits, send: (text: string) => void) {
    const now = performance.now();
    this.#frames = new Pace(limits.framesPerSecond, now);
    this.#publishes = new Pace(limits.publishesPerSecond, now);
    this.#send = send;
  }

  /** false: there is no room for the frame. */
  push(text: string, isPublish: boolean): boolean {
    if (this.#units + text.length > OUTLET_MAX) return false;
    this.#units += text.length;
    this.#waiting.push({ text, isPublish });
    this.#run();
    return true;
  }

  end(): void {
    this.#next.clear();
    this.#waiting = [];
  }

  #run(): void {
    if (this.#next.isSet) return;
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      const now = performance.now();
      const waitMs = Math.max(this.#frames.waitMs(now), first.isPublish ? this.#publishes.waitMs(now) : 0);
      if (waitMs > 0) {
        this.#next.set(waitMs, () => this.#run());
        return;
      }
      this.#waiting.shift();
      this.#units -= first.text.length;
      this.#frames.take();
      if (first.isPublish) this.#publishes.take();
      this.#send(first.text);
    }
  }
}
