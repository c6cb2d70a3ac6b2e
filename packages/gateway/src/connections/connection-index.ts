import type { Connection } from "./connection.ts";

/** Connections by user or session. Most keys have one connection: a set is made for the second one only, to save memory. */
export class ConnectionIndex<Key> {
  /** Bounded by the connections. */
  readonly #entries = new Map<Key, Connection | Set<Connection>>();

  keys(): Iterable<Key> {
    return this.#entries.keys();
  }

  countOf(key: Key): number {
    const entry = this.#entries.get(key);
    if (entry === undefined) return 0;
    return entry instanceof Set ? entry.size : 1;
  }

  /** A snapshot: connections may come and go during a loop over it. */
  of(key: Key): readonly Connection[] {
    const entry = this.#entries.get(key);
    if (entry === undefined) return [];
    return entry instanceof Set ? [...entry] : [entry];
  }

  put(key: Key, connection: Connection): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, connection);
    else if (entry instanceof Set) entry.add(connection);
    else if (entry !== connection) this.#entries.set(key, new Set([entry, connection]));
  }

  take(key: Key, connection: Connection): void {
    const entry = this.#entries.get(key);
    if (entry instanceof Set) entry.delete(connection);
    if (entry === connection || (entry instanceof Set && entry.size === 0)) this.#entries.delete(key);
  }
}

/** Counts by name. Bounded by the number of counted things. */
export class Counts {
  readonly #counts = new Map<string, number>();

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string): void {
    this.#counts.set(name, this.of(name) + 1);
  }

  take(name: string): void {
    const left = this.of(name) - 1;
    if (left > 0) this.#counts.set(name, left);
    else this.#counts.delete(name);
  }
}
