/** Keys looked at for one that may be forgotten, when a new key comes at the bound: the cost of a new key is constant. */
const SWEPT_AT_ONCE = 8;
/** States that keys without a place of their own share. */
const SHARED_STATES = 1_024;

interface Options<State> {
  /** Keys with a state of their own. */
  readonly max: number;
  readonly create: (now: number) => State;
  /** Whether forgetting the state changes nothing. */
  readonly isIdle: (state: State, now: number) => boolean;
}

/**
 * A state for each key, in bounded memory and at a constant cost. A state in use is never forgotten: at the bound a new key
 * shares one of a fixed number of states with strangers, and keeps to it until that one is idle.
 */
export class KeyedStates<State> {
  readonly #options: Options<State>;
  readonly #places = new Map<string, number>();
  readonly #entries: { key: string; state: State }[] = [];
  readonly #shared = new Map<number, State>();
  #swept = 0;

  constructor(options: Options<State>) {
    this.#options = options;
  }

  of(key: string, now: number): State {
    const place = this.#places.get(key);
    const entry = place === undefined ? undefined : this.#entries[place];
    if (entry !== undefined) return entry.state;
    const shared = this.#sharedInUse(key, now);
    if (shared !== undefined) return shared;
    if (this.#entries.length >= this.#options.max) this.#sweep(now);
    const state = this.#options.create(now);
    if (this.#entries.length >= this.#options.max) this.#shared.set(slotOf(key), state);
    else this.#places.set(key, this.#entries.push({ key, state }) - 1);
    return state;
  }

  /** The state that the key shares with others. One that is idle is forgotten: the key may get its own now. */
  #sharedInUse(key: string, now: number): State | undefined {
    if (this.#shared.size === 0) return undefined;
    const slot = slotOf(key);
    const state = this.#shared.get(slot);
    if (state !== undefined && this.#options.isIdle(state, now)) {
      this.#shared.delete(slot);
      return undefined;
    }
    return state;
  }

  #sweep(now: number): void {
    for (let looked = 0; looked < SWEPT_AT_ONCE && this.#entries.length > 0; looked += 1) {
      if (this.#swept >= this.#entries.length) this.#swept = 0;
      const entry = this.#entries[this.#swept];
      if (entry !== undefined && this.#options.isIdle(entry.state, now)) this.#forget(entry.key, this.#swept);
      else this.#swept += 1;
    }
  }

  /** The last entry moves into the place. */
  #forget(key: string, place: number): void {
    const last = this.#entries.pop();
    this.#places.delete(key);
    if (last === undefined || last.key === key) return;
    this.#entries[place] = last;
    this.#places.set(last.key, place);
  }
}

/** FNV-1a. A caller who finds keys that share a slot only limits them together. */
function slotOf(key: string): number {
  let hash = 2_166_136_261;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 16_777_619);
  return (hash >>> 0) % SHARED_STATES;
}
