import { endPrograms } from "@hubbub/backup";

const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** A step that waits for no program does not fail: after this time the process ends. */
const PATIENCE_MS = 10_000;

/** Signals to a command that removes what it has made: they end its programs, and the command fails and cleans up. */
export class Interrupts implements Disposable {
  /** Of the process, once a signal came. */
  code: number | null = null;
  readonly #listeners = Object.entries(CODES).map(([signal, code]) => [signal, () => this.#interrupt(code)] as const);

  constructor() {
    for (const [signal, listener] of this.#listeners) process.once(signal, listener);
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
  }

  #interrupt(code: number): void {
    this.code = code;
    endPrograms();
    setTimeout(() => process.exit(code), PATIENCE_MS).unref();
  }
}
