/** Rows that are measured come within this time of each other. */
const SETTLED_MS = 150;
/** What somebody does to scroll. */
const ACTS = ["wheel", "touchmove", "keydown", "pointerdown"] as const;

interface HeldPlace {
  readonly scroll: HTMLElement;
  /** Where the list must be scrolled to, in pixels; undefined: what is held is gone. */
  top(): number | undefined;
  /** Nothing is measured before that, for example in a hidden tab. */
  isLaidOut(): boolean;
}

/**
 * Keeps a row, or the end of the list, in sight while the rows around it are measured, and at most until the user scrolls. `scrollToIndex` of virtua
 * returns to the row whenever rows are measured, and scrolling brings new rows, which are measured.
 */
export class RowHold {
  readonly #place: HeldPlace;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frame: number | undefined;
  /** Where the list was put last. */
  #top = 0;
  #isEnded = false;
  #isLeft = false;

  constructor(place: HeldPlace) {
    this.#place = place;
    for (const act of ACTS) place.scroll.addEventListener(act, this.leave, { passive: true });
    place.scroll.addEventListener("scroll", this.#scrolled);
    this.#put();
  }

  /** The user has scrolled, or wanted to. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** To be called when rows or the list have changed their sizes. The list applies them first. */
  measured(): void {
    queueMicrotask(() => this.#put());
  }

  end(): void {
    this.#isEnded = true;
    this.#stopWaiting();
    const { scroll } = this.#place;
    for (const act of ACTS) scroll.removeEventListener(act, this.leave);
    scroll.removeEventListener("scroll", this.#scrolled);
  }

  readonly leave = (): void => {
    this.#isLeft = true;
    this.end();
  };

  /** Others that follow the end may have put it there. */
  readonly #scrolled = (): void => {
    const { scroll, top } = this.#place;
    const isAt = (place: number | undefined): boolean => place !== undefined && Math.abs(scroll.scrollTop - place) <= 1;
    if (!isAt(this.#top) && !isAt(top())) this.leave();
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
