import { HubbubError } from "@hubbub/client";
import type { RoomId, SearchPage, SearchResult } from "@hubbub/protocol";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { excerptOf, MessageSearch, searchIn, targetOf } from "./message-search.ts";

const result = (seq: number, fields: object = {}): SearchResult =>
  ({ room: "r", seq, at: seq, by: { id: "ada", username: "ada" }, text: "tea", highlights: [], ...fields }) as never;

function setUp() {
  const search = vi.fn<(query: string, cursor?: string) => Promise<SearchPage>>();
  const signal = new AbortController().signal;
  return { search, messages: new MessageSearch({ http: { search }, signal, changed: () => undefined }) };
}
const seqs = ({ state }: MessageSearch) => state.results.map(({ seq }) => seq);

test("pages follow each other, empty ones are passed over, and no result is there twice", async () => {
  const { search, messages } = setUp();
  search.mockResolvedValueOnce({ results: [], cursor: "a", partial: true });
  search.mockResolvedValueOnce({ results: [result(9), result(8)], cursor: "b" });
  await messages.search(" tea from:ada ");
  expect(search.mock.calls).toEqual([
    ["tea from:ada", undefined],
    ["tea from:ada", "a"],
  ]);
  expect(messages.state).toMatchObject({ hasMore: true, isLoading: false });
  search.mockResolvedValueOnce({ results: [result(8), result(7)] });
  await messages.more();
  expect(seqs(messages)).toEqual([9, 8, 7]);
  expect(messages.state.hasMore).toBe(false);
  await messages.more();
  expect(search).toHaveBeenCalledTimes(3);
});

test("the work of one step is bounded, and the next step goes on", async () => {
  const { search, messages } = setUp();
  search.mockResolvedValue({ results: [], cursor: "a", partial: true });
  await messages.search("-milk tea");
  expect(search).toHaveBeenCalledTimes(10);
  expect(messages.state).toMatchObject({ hasMore: true, isLoading: false, results: [] });
});

test("what is wrong with a query is told without asking the server, and a refusal is told, too", async () => {
  const { search, messages } = setUp();
  await messages.search('has:cake "tea');
  expect(messages.state.error).toBe("A quote is not closed (character 10).");
  expect(search).not.toHaveBeenCalled();
  search.mockRejectedValueOnce(new HubbubError("unknown_user"));
  await messages.search("from:nobody");
  expect(messages.state).toMatchObject({ error: "There is nobody of this name.", isLoading: false });
});

test("the answer to an earlier search is passed over", async () => {
  const { search, messages } = setUp();
  let answerLate = (): void => undefined;
  search.mockReturnValueOnce(
    new Promise((resolve) => {
      answerLate = () => resolve({ results: [result(1)] });
    }),
  );
  search.mockResolvedValueOnce({ results: [result(2)] });
  const early = messages.search("te");
  await messages.search("tea");
  answerLate();
  await early;
  expect(messages.state.query).toBe("tea");
  expect(seqs(messages)).toEqual([2]);
});

test("a result leads to its place, and a search can be held to one room", () => {
  expect(targetOf(result(4, { thread: 2 }))).toEqual({ room: "r", seq: 4, thread: 2 });
  expect(searchIn("r1" as RoomId, 'tea in:"green tea" IN:cups "in:x" plain:y')).toBe('tea "in:x" plain:y in:r1');
});

test("an excerpt begins near the first hit, marks hits, and is cut with dots", () => {
  expect(excerptOf({ text: "a tea b", highlights: [{ start: 2, end: 5 }] })).toEqual([
    { text: "a ", isHit: false },
    { text: "tea", isHit: true },
    { text: " b", isHit: false },
  ]);
  const long = `${"x".repeat(300)}tea${"y".repeat(300)}`;
  const parts = excerptOf({ text: long, highlights: [{ start: 300, end: 303 }] });
  expect(parts.map(({ text }) => text)).toEqual([`…${"x".repeat(60)}`, "tea", `${"y".repeat(177)}…`]);
  // Nothing is cut in the middle of a character.
  const faces = excerptOf({ text: "😀".repeat(200), highlights: [{ start: 101, end: 101 }] });
  expect(faces.map(({ text }) => text).join("")).toBe(`…${"😀".repeat(120)}…`);
});

test("the parts of an excerpt are one piece of the text, whatever the hits are", () => {
  const ranges = fc.array(fc.tuple(fc.nat(400), fc.nat(30)), { maxLength: 5 });
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), ranges, (text, given) => {
      const highlights = given
        .map(([start, length]) => ({ start: Math.min(start, text.length), end: Math.min(start + length, text.length) }))
        .sort((a, b) => a.start - b.start);
      const whole = excerptOf({ text, highlights })
        .map((part) => part.text)
        .join("");
      expect(whole.length).toBeLessThanOrEqual(242);
      expect(whole.isWellFormed() || !text.isWellFormed()).toBe(true);
      expect(text).toContain(whole.replace(/^…|…$/g, ""));
    }),
  );
});
