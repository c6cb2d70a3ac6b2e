import { expect, test } from "vitest";
import { Builds } from "./builds.ts";

test("an earlier build that the repository does not have is refused by its name, with what to do", async () => {
  const asked = Builds.prepare("v99.0.0", () => undefined);
  await expect(asked).rejects.toThrow("has no commit v99.0.0: fetch it (git fetch --tags, of a shallow copy");
});
