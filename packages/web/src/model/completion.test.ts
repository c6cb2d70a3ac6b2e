import type { UserId } from "@hubbub/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Candidate,
  complete,
  completionAt,
  emojiCandidates,
  emojiOf,
  type MentionSources,
  mentionCandidates,
} from "./completion.ts";

/** The caret stands at the bar. */
const at = (text: string) => {
  const caret = text.indexOf("|");
  return completionAt(text.replace("|", ""), caret);
};

test.each([
  ["@|", "mention", ""],
  ["hi @ad|", "mention", "ad"],
  ["(@ad|", "mention", "ad"],
  ["@ad|a there", "mention", "ad"],
  [":sm|", "emoji", "sm"],
  ["well :+1|", "emoji", "+1"],
])("%s offers", (text, kind, query) => {
  expect(at(text)).toMatchObject({ kind, query });
});

test.each([
  "ada@ex|",
  "@ada |",
  "hi|",
  ":s|",
  "12:30|",
  "http://x:80|",
  "::std|",
  "`@ad|",
  "```\n@ad|",
  "```\n`` @ad|",
  `@${"x".repeat(33)}|`,
])("%s offers nothing", (text) => {
  expect(at(text)).toBeUndefined();
});

test("behind code names are offered again", () => {
  expect(at("`x` @ad|")?.query).toBe("ad");
  expect(at("```\nx\n``` @ad|")?.query).toBe("ad");
  expect(at("it`s\n@ad|")?.query).toBe("ad");
});

const user = (username: string, displayName?: string) => ({ id: username as UserId, username, displayName });
const sources = (fields: Partial<MentionSources> = {}): MentionSources => ({
  members: [user("ada"), user("adam"), user("cathy", "Ada L."), user("me"), user("bob")],
  recent: ["adam" as UserId],
  me: "me" as UserId,
  mayMentionAll: true,
  ...fields,
});
const texts = (candidates: readonly Candidate[]) => candidates.map(({ text }) => text);

test("members fit by name or by what they call themselves; who spoke last comes first among equals", () => {
  expect(texts(mentionCandidates("ad", sources()))).toEqual(["@adam", "@ada", "@cathy"]);
  expect(texts(mentionCandidates("ada", sources()))).toEqual(["@ada", "@adam", "@cathy"]);
  expect(mentionCandidates("me", sources())).toEqual([]);
  expect(mentionCandidates("cat", sources())[0]?.name).toBe("cathy (Ada L.)");
});

test("all members are offered to those who may mention them", () => {
  expect(texts(mentionCandidates("he", sources()))).toEqual(["@here"]);
  expect(mentionCandidates("he", sources({ mayMentionAll: false }))).toEqual([]);
  const members = Array.from({ length: 20 }, (_, index) => user(`u${index}`));
  expect(texts(mentionCandidates("", sources({ members })))).toHaveLength(8);
});

const emoji = emojiOf(
  [
    { hexcode: "3", unicode: "🙂" },
    { hexcode: "2", unicode: "😃" },
    { hexcode: "1", unicode: "😄" },
    { hexcode: "4", unicode: "🇦" },
  ],
  { "1": ["smile", "grin"], "2": "smiley", "3": ["slight_smile"] },
);

test("emoji fit by their codes, the shorter one first", () => {
  expect(emojiCandidates("smil", emoji).map(({ sign, name }) => `${sign} ${name}`)).toEqual([
    "😄 :smile:",
    "😃 :smiley:",
    "🙂 :slight_smile:",
  ]);
  expect(texts(emojiCandidates("grin", emoji))).toEqual(["😄"]);
  expect(emojiCandidates("smly", emoji)).toEqual([]);
});

test("a candidate takes the place of what was typed, with a blank behind it", () => {
  const [ada] = mentionCandidates("ada", sources());
  const typed = "hi @ad there";
  const found = completionAt(typed, 6);
  if (ada === undefined || found === undefined) expect.fail();
  expect(complete(typed, found, ada)).toEqual({ text: "hi @ada there", caret: 8 });
  const end = completionAt("@adxy", 3);
  if (end === undefined) expect.fail();
  expect(complete("@adxy", end, ada)).toEqual({ text: "@ada ", caret: 5 });
});

test("whatever is typed, a completion is around the caret and changes nothing outside", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."@:`a \n.") }), fc.nat(30), (text, place) => {
      const caret = Math.min(place, text.length);
      const found = completionAt(text, caret);
      if (found === undefined) return;
      expect(found.from).toBeLessThan(caret);
      expect(found.to).toBeGreaterThanOrEqual(caret);
      expect("@:").toContain(text.charAt(found.from));
      const made = complete(text, found, { key: "k", sign: "", name: "", text: "X" });
      expect(made.text.startsWith(`${text.slice(0, found.from)}X`)).toBe(true);
      expect(made.text.endsWith(text.slice(found.to))).toBe(true);
      expect(made.text.charAt(made.caret - 1)).toMatch(/\s/);
    }),
  );
});
