const SHOWN_MS = 8_000;

/** One line for the user, for a while. */
export class Notices {
  readonly #show: (text: string) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(signal: AbortSignal, show: (text: string) => void) {
    this.#show = show;
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  tell(text: string): void {
    clearTimeout(this.#timer);
    this.#show(text);
    this.#timer = setTimeout(() => this.#show(""), SHOWN_MS);
  }
}
