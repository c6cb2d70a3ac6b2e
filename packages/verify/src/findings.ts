import { FAULTS, type FaultCode, LOOKED_AT, type Looked, type LookedAt, NOTES, type NoteCode } from "./checks.ts";

/** Examples of one code. */
const EXAMPLES_MAX = 5;
/** Places of one code in one look; what comes on top is counted with the last. */
const TOLD_MAX = 1_000;
/** Places of one code in all that are told apart; further ones are counted without a look whether they are known. */
const PLACES_MAX = 10_000;

export interface Found {
  readonly count: number;
  readonly examples: readonly string[];
}

class Tally {
  readonly #places = new Set<string>();
  readonly #examples: string[] = [];
  #count = 0;

  /** A place counts once. */
  add(place: string, example: string, count: number): void {
    if (this.#places.has(place)) return;
    if (this.#places.size < PLACES_MAX) this.#places.add(place);
    if (this.#examples.length < EXAMPLES_MAX) this.#examples.push(example);
    this.#count += count;
  }

  get found(): Found {
    return { count: this.#count, examples: this.#examples };
  }
}

interface Told {
  readonly code: FaultCode | NoteCode;
  readonly place: string;
  readonly example: string;
  readonly count: number;
}

/** Hears of everything that is looked at, again and again where it is looked at again. */
export type CountListener = (what: LookedAt, count: number) => void;

/** What one look at one thing has found, to be kept or to be thrown away for another look. */
export class Look {
  readonly #told = new Map<FaultCode | NoteCode, Told[]>();
  readonly counts = new Map<LookedAt, number>();
  readonly #onCount: CountListener | undefined;
  #isFaulty = false;

  constructor(onCount?: CountListener) {
    this.#onCount = onCount;
  }

  get told(): readonly Told[] {
    return [...this.#told.values()].flat();
  }

  get isFaulty(): boolean {
    return this.#isFaulty;
  }

  count(what: LookedAt, count: number): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + count);
    this.#onCount?.(what, count);
  }

  fault(code: FaultCode, place: string, example: string, count = 1): void {
    this.#isFaulty = true;
    this.#tell({ code, place, example, count });
  }

  note(code: NoteCode, place: string, example: string, count = 1): void {
    this.#tell({ code, place, example, count });
  }

  /** A room where everything is wrong is no reason to keep everything of it in memory. */
  #tell(told: Told): void {
    const ofCode = this.#told.get(told.code) ?? [];
    this.#told.set(told.code, ofCode);
    const last = ofCode.at(-1);
    if (ofCode.length < TOLD_MAX) ofCode.push(told);
    else if (last !== undefined) ofCode[TOLD_MAX - 1] = { ...last, count: last.count + told.count };
  }
}

/** The verdict so far. */
export class Findings {
  readonly #looked = Object.fromEntries(Object.keys(LOOKED_AT).map((name) => [name, 0])) as Record<LookedAt, number>;
  readonly #tallies = new Map<FaultCode | NoteCode, Tally>();

  get looked(): Looked {
    return this.#looked;
  }

  keep({ told, counts }: Look): void {
    for (const [what, count] of counts) this.#looked[what] += count;
    for (const { code, place, example, count } of told) {
      const tally = this.#tallies.get(code) ?? new Tally();
      this.#tallies.set(code, tally);
      tally.add(place, example, count);
    }
  }

  get faults(): Partial<Record<FaultCode, Found>> {
    return this.#those(FAULTS);
  }

  get notes(): Partial<Record<NoteCode, Found>> {
    return this.#those(NOTES);
  }

  #those<Code extends FaultCode | NoteCode>(codes: Record<Code, string>): Partial<Record<Code, Found>> {
    const names = Object.keys(codes) as Code[];
    const found = names.flatMap((code) => {
      const tally = this.#tallies.get(code);
      return tally === undefined ? [] : [[code, tally.found] as const];
    });
    return Object.fromEntries(found) as Partial<Record<Code, Found>>;
  }
}
