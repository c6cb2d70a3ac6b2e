import { siteOf } from "@hubbub/runtime";
import type { Connection } from "./connection.ts";
import { Counts } from "./connection-index.ts";

export interface Places {
  /** Of the whole node. */
  readonly node: number;
  /** Of one address: of IPv6, a /64. */
  readonly address: number;
}

/** Of a /48, in which one customer may have 65,536 addresses as limits count them. */
const ADDRESSES_PER_BLOCK = 4;

/** Whether a connection may take a place, and which connection is evicted for it. */
export type Place = "free" | "address full" | "node full" | { readonly evict: Connection };

/**
 * The connections without an accepted hello, and their places. Bounded by UNAUTHENTICATED_PER_NODE.
 *
 * When all places are taken, the address block with the most connections loses its oldest one to a block that has
 * fewer: a few addresses cannot keep everybody else out.
 */
export class Unauthenticated {
  /** Oldest first. */
  readonly #all = new Set<Connection>();
  readonly #byAddress = new Counts();
  /** Of each address block, oldest first. */
  readonly #blocks = new Map<string, Set<Connection>>();
  /** The blocks by how many connections they have. */
  readonly #bySize = new Map<number, Set<string>>();
  #largest = 0;

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#all.values();
  }

  placeFor(address: string, places: Places): Place {
    const block = siteOf(address);
    const inBlock = this.#blocks.get(block)?.size ?? 0;
    const blockPlaces = block === address ? places.address : places.address * ADDRESSES_PER_BLOCK;
    if (this.#byAddress.of(address) >= places.address || inBlock >= blockPlaces) return "address full";
    if (this.#all.size < places.node) return "free";
    // A difference of one is not enough: two blocks would take the same place from each other in turn.
    if (this.#largest <= inBlock + 1) return "node full";
    const [largest = ""] = this.#bySize.get(this.#largest) ?? [];
    const [oldest] = this.#blocks.get(largest) ?? [];
    return oldest === undefined ? "node full" : { evict: oldest };
  }

  add(connection: Connection): void {
    const block = siteOf(connection.address);
    const members = this.#blocks.get(block) ?? new Set();
    this.#all.add(connection);
    this.#byAddress.add(connection.address);
    this.#blocks.set(block, members.add(connection));
    this.#resize(block, members.size - 1, members.size);
  }

  /** Nothing when it is not there. */
  remove(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    this.#byAddress.take(connection.address);
    const block = siteOf(connection.address);
    const members = this.#blocks.get(block) ?? new Set();
    members.delete(connection);
    if (members.size === 0) this.#blocks.delete(block);
    this.#resize(block, members.size + 1, members.size);
  }

  #resize(block: string, before: number, after: number): void {
    const left = this.#bySize.get(before);
    left?.delete(block);
    if (left?.size === 0) this.#bySize.delete(before);
    if (after > 0) this.#bySize.set(after, (this.#bySize.get(after) ?? new Set()).add(block));
    this.#largest = Math.max(this.#largest, after);
    while (this.#largest > 0 && !this.#bySize.has(this.#largest)) this.#largest -= 1;
  }
}
