/** Most gathered frames of a room, and their length; more are flushed. uWS writes up to 32 per subscriber at once anyway. */
const FRAMES_MAX = 256;
const LENGTH_MAX = 262_144;

/** The frames of a room that leave with the next flush. */
export class GatheredFrames {
  #frames: (Buffer | string)[] = [];
  #length = 0;

  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  /** Whether the room must flush. */
  get isFull(): boolean {
    return this.#frames.length >= FRAMES_MAX || this.#length >= LENGTH_MAX;
  }

  add(frame: Buffer | string): void {
    this.#frames.push(frame);
    this.#length += frame.length;
  }

  find(matches: (frame: Buffer) => boolean): Buffer | undefined {
    return this.#frames.find((frame): frame is Buffer => typeof frame !== "string" && matches(frame));
  }

  /** Removes the oldest frame. */
  shift(): Buffer | string | undefined {
    const frame = this.#frames.shift();
    this.#length -= frame?.length ?? 0;
    return frame;
  }
}
