/** Rows that are measured come within this time of each other. */
const SETTLED_MS = 150;
/** What somebody does to scroll. */
const ACTS = ["wheel", "touchmove", "keydown", "pointerdown"] as const;

interface HeldPlace {
  readonly scroll: HTMLElement;
  /** Where the list must be scrolled to, in pixels; undefined: the row is gone. */
  top(): number | undefined;
  /** Nothing is measured before that, for example in a hidden tab. */
  isLaidOut(): boolean;
}

/**
 * Keeps a row in sight while the rows around it are measured, and at most until the user scrolls. `scrollToIndex` of virtua
 * returns to the row whenever rows are measured, and scrolling brings new rows, which are measured.
 */
export class RowHold {
  readonly #place: HeldPlace;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frame: number | undefined;
  /** Where the list was put last. */
  #top = 0;
  #isEnded = false;

  constructor(place: HeldPlace) {
    this.#place = place;
    for (const act of ACTS) place.scroll.addEventListener(act, this.end, { passive: true });
    place.scroll.addEventListener("scroll", this.#scrolled);
    this.#put();
  }

  /** To be called when rows or the list have changed their sizes. The list applies them first. */
  measured(): void {
    queueMicrotask(() => this.#put());
  }

  readonly end = (): void => {
    this.#isEnded = true;
    this.#stopWaiting();
    const { scroll } = this.#place;
    for (const act of ACTS) scroll.removeEventListener(act, this.end);
    scroll.removeEventListener("scroll", this.#scrolled);
  };

  readonly #scrolled = (): void => {
    if (Math.abs(this.#place.scroll.scrollTop - this.#top) > 1) this.end();
  };

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }

  /** Rows are measured in a frame, and a busy browser may have made none in that time. */
  #endWhenSettled(): void {
    this.#stopWaiting();
    this.#timer = setTimeout(() => {
      this.#frame = requestAnimationFrame(() => {
        this.#frame = requestAnimationFrame(() => this.end());
      });
    }, SETTLED_MS);
  }

  #put(): void {
    if (this.#isEnded) return;
    const { scroll, top, isLaidOut } = this.#place;
    const wanted = top();
    if (wanted === undefined) {
      this.end();
      return;
    }
    scroll.scrollTop = wanted;
    this.#top = scroll.scrollTop;
    if (isLaidOut()) this.#endWhenSettled();
    else this.#stopWaiting();
  }
}
