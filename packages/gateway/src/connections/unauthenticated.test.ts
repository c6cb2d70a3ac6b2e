import fc from "fast-check";
import { expect, test } from "vitest";
import { Connection } from "./connection.ts";
import { type Place, Unauthenticated } from "./unauthenticated.ts";

const rates = { FRAMES_PER_SECOND: 1, PUBLISHES_PER_SECOND: 1 };
let ids = 0;
const from = (address: string) => new Connection(`${++ids}`, address, rates, 0);

function filled(places: Readonly<Record<string, number>>): Unauthenticated {
  const unauthenticated = new Unauthenticated();
  for (const [address, count] of Object.entries(places)) {
    for (let at = 0; at < count; at += 1) unauthenticated.add(from(address));
  }
  return unauthenticated;
}

function evicted(place: Place): string {
  return typeof place === "object" ? place.evict.address : place;
}

test("a full node takes a place from the block with the most connections, and its oldest one first", () => {
  const unauthenticated = filled({ "192.0.2.1": 2, "192.0.2.2": 5, "192.0.2.3": 1 });
  const [, , oldest] = [...unauthenticated];
  const place = unauthenticated.placeFor("192.0.2.9", { node: 8, address: 10 });
  expect(place).toEqual({ evict: oldest });
  expect(evicted(unauthenticated.placeFor("192.0.2.9", { node: 9, address: 10 }))).toBe("free");
});

test("no block loses a place to a block of the same size", () => {
  const unauthenticated = filled({ "192.0.2.1": 2, "192.0.2.2": 2, "192.0.2.3": 1 });
  expect(unauthenticated.placeFor("192.0.2.3", { node: 5, address: 10 })).toBe("node full");
  expect(evicted(unauthenticated.placeFor("192.0.2.4", { node: 5, address: 10 }))).toBe("192.0.2.1");
});

test("the addresses of one /48 share places: a customer's many /64 are one block", () => {
  const places = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`2001:db8:1:${at}::/64`, 1]));
  const unauthenticated = filled({ ...places, "192.0.2.1": 2 });
  expect(evicted(unauthenticated.placeFor("192.0.2.9", { node: 10, address: 10 }))).toBe("2001:db8:1:0::/64");
  expect(unauthenticated.placeFor("2001:db8:1:99::/64", { node: 100, address: 2 })).toBe("address full");
  expect(unauthenticated.placeFor("2001:db8:2:1::/64", { node: 100, address: 2 })).toBe("free");
});

test("whatever is added and removed, the largest block is the one that loses a place", () => {
  const step = fc.record({ address: fc.constantFrom("a", "b", "c", "d"), comes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const unauthenticated = new Unauthenticated();
      for (const { address, comes } of steps) {
        const known = [...unauthenticated].find((connection) => connection.address === address);
        if (comes) unauthenticated.add(from(address));
        else if (known !== undefined) unauthenticated.remove(known);
      }
      const counts = new Map<string, number>();
      for (const { address } of unauthenticated) counts.set(address, (counts.get(address) ?? 0) + 1);
      const most = Math.max(0, ...counts.values());
      const place = unauthenticated.placeFor("stranger", { node: unauthenticated.size, address: 100 });
      if (unauthenticated.size === 0 || most <= 1) expect(place).toBe("node full");
      else expect(counts.get(evicted(place))).toBe(most);
    }),
  );
});
