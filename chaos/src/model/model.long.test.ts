import fc from "fast-check";
import { expect, test } from "vitest";
import { ANOMALIES, type AnomalyKind } from "../checker/anomalies.ts";
import { check } from "../checker/check.ts";
import { CASES } from "./cases.ts";
import { SCRIPTS, type Step } from "./step.ts";
import { type Sabotage, World } from "./world.ts";

/**
 * `npm run test:drills` takes 10,000. More of them, or others, for a search:
 * `MODEL_HISTORIES=100000 MODEL_SEED=7 npx vitest run chaos/src/model`.
 */
const HISTORIES = Number(process.env["MODEL_HISTORIES"] ?? 4_000);
const SEED = Number(process.env["MODEL_SEED"] ?? 1);
const LONGEST_MS = 3_600_000;

const worldSeed = fc.nat({ max: 0xffff_ffff });

async function play(seed: number, steps: readonly Step[], sabotage?: Sabotage) {
  using world = new World(seed, sabotage);
  const lacking = await world.play(steps);
  const { anomalies } = check(world.history);
  return { anomalies, lacking };
}

for (const [name, { scripts, share }] of Object.entries(SCRIPTS)) {
  test(
    `G1 G2 G3 G4 G5 G6 G7 ${name}: no history has an anomaly`,
    async () => {
      const property = fc.asyncProperty(worldSeed, scripts, async (seed, steps) => {
        expect(await play(seed, steps)).toEqual({ anomalies: {}, lacking: [] });
      });
      // A failure prints the seed, the path to the smallest case, and the case itself.
      await fc.assert(property, { numRuns: Math.ceil(HISTORIES * share), seed: SEED });
    },
    LONGEST_MS,
  );
}

for (const [name, { seed, steps }] of Object.entries(CASES)) {
  test(`a former find: ${name}`, async () => {
    expect(await play(seed, steps)).toEqual({ anomalies: {}, lacking: [] });
  });
}

test("the same seed gives the same history, to the millisecond", async () => {
  const [[seed = 0, steps = []] = []] = fc.sample(fc.tuple(worldSeed, SCRIPTS.losingLog.scripts), {
    numRuns: 1,
    seed: SEED,
  });
  const histories = [];
  for (let time = 0; time < 2; time += 1) {
    using world = new World(seed, undefined);
    await world.play(steps);
    histories.push([...world.history]);
  }
  expect(histories[1]).toEqual(histories[0]);
});

test.each<[Sabotage, keyof typeof SCRIPTS, AnomalyKind]>([
  ["forgetful log", "harmless", "duplicateStored"],
  ["selfish log", "losingLog", "reusedSeq"],
  ["leaking store", "harmless", "lostAcked"],
])("a %s is found out", async (sabotage, name, kind) => {
  expect(Object.keys(ANOMALIES)).toContain(kind);
  const property = fc.asyncProperty(worldSeed, SCRIPTS[name].scripts, async (seed, steps) => {
    expect((await play(seed, steps, sabotage)).anomalies[kind]).toBeUndefined();
  });
  const { failed } = await fc.check(property, { numRuns: 500, seed: SEED, endOnFailure: true });
  expect(failed).toBe(true);
});
