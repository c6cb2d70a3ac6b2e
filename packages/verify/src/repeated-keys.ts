/** Keys held at once: 40 MB. */
const KEYS_MAX = 4_000_000;
/** Classes are alike in size up to chance. */
const CLASS_MARGIN = 1.25;
/** As many passes: four billion rows of one room. */
const CLASSES_MAX = 1_024;
/** Keys that came twice, of one room and pass. */
const REPEATED_MAX = 10_000;

/**
 * Finds the keys that come more than once in a stream of any length with bounded memory. When there are too many, all but
 * a part of them (a class: those with the same lowest bits) are let go; the other classes take another pass each.
 */
export class RepeatedKeys {
  readonly #max: number;
  #keys: Float64Array;
  #length = 0;
  #classes = 1;
  #class = 0;

  constructor(max = KEYS_MAX) {
    this.#max = max;
    this.#keys = new Float64Array(Math.min(max, 1_024));
  }

  /** Passes that it takes in all. */
  get passes(): number {
    return this.#classes;
  }

  /** Begins another pass. */
  begin(pass: number): void {
    this.#class = pass;
    this.#length = 0;
  }

  add(key: number): void {
    // The first pass finds out how many classes it takes.
    while (this.#class === 0 && this.#length >= this.#max) this.#split();
    if (key % this.#classes !== this.#class) return;
    if (this.#length === this.#keys.length) this.#grow();
    this.#keys[this.#length] = key;
    this.#length += 1;
  }

  /** Of the pass that has ended, at most `REPEATED_MAX`. */
  repeated(): Set<number> {
    const keys = this.#keys.subarray(0, this.#length).sort();
    const found = new Set<number>();
    for (let at = 1; at < keys.length && found.size < REPEATED_MAX; at += 1) {
      const key = keys[at];
      if (key !== undefined && key === keys[at - 1]) found.add(key);
    }
    return found;
  }

  /** @throws RangeError when keys are not spread as hashes are */
  #split(): void {
    if (this.#classes === CLASSES_MAX) throw new RangeError("too many rows to look for duplicates among");
    this.#classes *= 2;
    const kept = this.#keys.subarray(0, this.#length).filter((key) => key % this.#classes === 0);
    this.#keys.set(kept);
    this.#length = kept.length;
  }

  /** @throws RangeError when keys are not spread as hashes are */
  #grow(): void {
    const bound = Math.ceil(this.#max * CLASS_MARGIN);
    if (this.#length >= bound) throw new RangeError("more equal hashes than chance allows");
    const grown = new Float64Array(Math.min(this.#length * 2, bound));
    grown.set(this.#keys);
    this.#keys = grown;
  }
}
