import { expect, test } from "vitest";
import { reactionWords } from "./reaction-words.ts";

test("who has reacted is named, and who is not known is counted", () => {
  expect(reactionWords(["you"], 0)).toBe("you");
  expect(reactionWords(["you", "ada"], 0)).toBe("you and ada");
  expect(reactionWords(["you", "ada", undefined], 0)).toBe("you, ada and one other");
  expect(reactionWords(["ada", "bob"], 3)).toBe("ada, bob and 3 others");
  expect(reactionWords([undefined, undefined], 0)).toBe("2 people");
  expect(reactionWords([undefined], 0)).toBe("one person");
  expect(reactionWords([], 0)).toBe("");
});
