import { expect, test } from "vitest";
import { textsOf } from "./revisions.ts";

const had = (...texts: string[]) => texts.map((text, index) => ({ seq: index + 1, at: index, text }));
const shown = ({ texts, lacking }: ReturnType<typeof textsOf>) => [
  ...texts.map(({ place, text }) => `${place}: ${text}`),
  lacking,
];

test("the texts of a message are shown from the newest to the first, with what is lacking", () => {
  expect(shown(textsOf(had("one", "two", "three"), true))).toEqual([
    "now: three",
    "edited: two",
    "as it was sent: one",
    "",
  ]);
  expect(shown(textsOf(had("", "", "three"), true))).toEqual(["now: three", "Some earlier texts were not kept."]);
  expect(shown(textsOf(had("three"), false))).toEqual(["now: three", "This room keeps no earlier texts."]);
  const many = textsOf(had(...Array.from({ length: 100 }, (_, index) => `text ${index}`)), true);
  expect(many.texts.at(-1)?.place).toBe("edited");
  expect(many.lacking).toBe("Only the 100 newest texts are shown.");
});
