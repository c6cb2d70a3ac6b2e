/** The line of what was unread when the user came into the room. */
export class NewLine {
  /** Messages of others above it are new: the line stands before them. */
  after: number | undefined;
  /** It stands above what is seen, and was not seen yet. */
  isAbove = false;
  #isSeen = false;

  /** The user opens the room. `after`: the last seq that the user has read. */
  begin(after: number | undefined): void {
    this.after = after;
    this.isAbove = false;
    this.#isSeen = false;
  }

  /** With each frame. `oldest`: what is before it is not loaded. */
  saw(place: "seen" | "above" | undefined, oldest: number): void {
    this.#isSeen ||= place === "seen";
    const isBefore = this.after !== undefined && oldest > this.after + 1;
    this.isAbove = !this.#isSeen && (place === "above" || isBefore);
  }
}
