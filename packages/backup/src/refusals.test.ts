import { expect, test } from "vitest";
import { catalogueOf } from "../test/samples.ts";
import { discards, type Situation } from "./refusals.ts";

const catalogue = catalogueOf();
const NOTHING = { events: 0, newest: null, accounts: 0, sessions: 0, removals: 0 };
const live = { where: "./data", cluster: catalogue.cluster, generation: 1, newer: NOTHING };
const calm: Situation = {
  ...{ catalogue, to: new Date(catalogue.takenAt), newestGeneration: 1, live: null, inLog: null },
};

test("nothing is refused when nothing newer is known", () => {
  expect(discards(calm)).toEqual([]);
  expect(discards({ ...calm, live, inLog: { events: 0, newest: 0 } })).toEqual([]);
});

test.each<[string, Partial<Situation>, string]>([
  [
    "newer rows",
    {
      live: {
        ...live,
        newer: { events: 1_204, newest: Date.UTC(2026, 10, 27, 14, 3, 7), accounts: 0, sessions: 3, removals: 1 },
      },
    },
    "./data is alive, and a restore of 2026-11-27T09:46:00.000Z would throw away 1,204 events (newest 2026-11-27T14:03:07.000Z), 0 accounts, 3 sessions, 1 removal; --discard-newer restores all the same",
  ],
  [
    "one session alone",
    { live: { ...live, newer: { ...NOTHING, sessions: 1 } } },
    "0 events, 0 accounts, 1 session, 0",
  ],
  [
    "another cluster",
    { live: { ...live, cluster: "1" } },
    "./data is of the cluster 1, and the backup of 7712788762896269354",
  ],
  [
    "a later generation in the target",
    { newestGeneration: 2 },
    "generation 1, and the cluster was restored since, to generation 2",
  ],
  ["a later generation alive", { live: { ...live, generation: 3 } }, "to generation 3"],
  [
    "events in Redis",
    { inLog: { events: 7, newest: 0 } },
    "Redis holds 7 events that are newer, the last one of 1970-01-01T00:00:00.000Z",
  ],
])("a restore that would throw away %s is refused with numbers", (_what, given, sentence) => {
  expect(discards({ ...calm, ...given })).toEqual([expect.stringContaining(sentence)]);
});
