/** How near the end counts as being there, so that new messages are followed. */
const END_PX = 60;

type List = Pick<HTMLElement, "scrollTop" | "scrollHeight" | "clientHeight">;

/** How long after an input a movement is the user's, in ms. */
const INPUT_MS = 300;

/**
 * Where the end of a list is in sight, it stays there, whatever heights rows turn out to have. Only the user leaves it: who has just
 * used wheel, keys or pointer, or moves a list whose height has not changed. All other movements are of the browser and the list,
 * while rows are measured. How far somebody has scrolled is counted from where the list was put.
 */
export class EndFollow {
  isFollowing = true;
  /** Nothing comes behind the rows of the list: otherwise it has no end to follow. */
  isAtHead = true;
  /** How far the user has scrolled up without leaving the end, in pixels. */
  #gap = 0;
  /** Where the list was last put, or scrolled to. */
  #top = 0;
  /** Of the content, at that time. */
  #height = 0;
  #inputAt = Number.NEGATIVE_INFINITY;

  /** The user has used wheel, keys or pointer. `now`: ms. */
  used(now: number): void {
    this.#inputAt = now;
  }

  /** The list has scrolled, or may have. To be called before anything else moves it. */
  scrolled(list: List, now: number): void {
    const end = endOf(list);
    const isUsers = list.scrollHeight === this.#height || now - this.#inputAt < INPUT_MS;
    // Where the content has become shorter, the browser has moved the list to its end.
    const up = Math.min(this.#top, end) - list.scrollTop;
    this.#stands(list);
    if (this.isFollowing && !isUsers) return;
    if (this.isFollowing) this.#gap = Math.max(0, this.#gap + up);
    else if (this.isAtHead) this.#gap = Math.max(0, end - list.scrollTop);
    else return;
    this.isFollowing = this.#gap < END_PX;
  }

  /** The content or the window has another height. */
  resized(list: List, now: number): void {
    if (this.isFollowing) this.scrolled(list, now);
    this.measured(list);
  }

  /** Rows were measured, after all events of scrolling. The list has moved itself meanwhile, which is nothing that the user did. */
  measured(list: List): void {
    if (this.isFollowing && this.isAtHead) this.#put(list);
  }

  toEnd(list: List): void {
    this.isFollowing = true;
    this.#gap = 0;
    this.#put(list);
  }

  #put(list: List): void {
    list.scrollTop = endOf(list) - this.#gap;
    this.#stands(list);
  }

  #stands({ scrollTop, scrollHeight }: List): void {
    [this.#top, this.#height] = [scrollTop, scrollHeight];
  }
}

function endOf({ scrollHeight, clientHeight }: List): number {
  return scrollHeight - clientHeight;
}
