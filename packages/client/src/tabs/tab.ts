import type { ServerFrame } from "@hubbub/protocol";
import { CLOSE } from "@hubbub/protocol";
import { type Port, type ToTab, UNTAKEN_MAX } from "./port-messages.ts";

/** The worker's end of one connection that a tab believes to have. */
export class Tab {
  /** Whether it asked for the news of its user. */
  isPersonal = false;
  /** Its round that was seen last, and what that is on the wire. */
  round: { readonly own: number; readonly wire: number } | undefined;
  readonly #port: Port;
  readonly #onEnd: (tab: Tab) => void;
  #untaken = 0;
  #hasEnded = false;

  /** `onEnd`: called once; nothing of this tab may be left then. */
  constructor(port: Port, onEnd: (tab: Tab) => void) {
    this.#port = port;
    this.#onEnd = onEnd;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  send(text: string): void {
    if (this.#hasEnded || this.#untaken > UNTAKEN_MAX) return;
    this.#untaken += text.length;
    this.#post(text);
    // Not at once: who sends to several tabs is in the middle of something.
    if (this.#untaken > UNTAKEN_MAX) queueMicrotask(() => this.end(CLOSE.slow));
  }

  sendFrame(frame: ServerFrame): void {
    this.send(JSON.stringify(frame));
  }

  taken(units: number): void {
    if (this.#untaken <= UNTAKEN_MAX) this.#untaken = Math.max(0, this.#untaken - units);
  }

  /** The tab hears this code behind all frames that were sent before. It reconnects if the code lets it, and resumes. */
  end(code: number): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#post({ kind: "closed", code });
    this.#port.close();
    this.#onEnd(this);
  }

  #post(message: ToTab): void {
    this.#port.postMessage(message);
  }
}
