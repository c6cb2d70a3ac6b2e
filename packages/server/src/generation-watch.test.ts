import { expect, test } from "vitest";
import { GenerationWatch } from "./generation-watch.ts";

test.each([
  ["adopted", 4],
  ["put back behind an adoption", 2],
])("G6 a process ends when its database is %s, and not while Postgres is away", async (_how, now) => {
  const answers = [
    () => 3,
    () => Promise.reject(Object.assign(new Error("away"), { code: "ECONNREFUSED" })),
    () => 3,
    () => now,
  ];
  let asked = 0;
  const generation = async () => await (answers[asked++]?.() ?? now);
  using watch = new GenerationWatch({ generation }, 3, 1);
  expect(await watch.ended).toBe(
    `the database is of generation ${now}, this process works in 3: it ends, to be started again`,
  );
  expect(asked).toBe(4);
});
