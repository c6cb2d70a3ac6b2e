/** One timer that can be set again and cleared. */
export class Alarm {
  #timer: ReturnType<typeof setTimeout> | undefined;

  get isSet(): boolean {
    return this.#timer !== undefined;
  }

  set(delayMs: number, ring: () => void): void {
    this.clear();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      ring();
    }, delayMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
