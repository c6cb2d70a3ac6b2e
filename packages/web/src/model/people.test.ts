import type { Member, RoomId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { People, type PeopleState, presenceOf, statusOf } from "./people.ts";

const member = (id: string): Member => ({ user: { id, username: id }, role: "member", online: true }) as never;
const [TEA, COFFEE] = ["tea", "coffee"] as RoomId[] as [RoomId, RoomId];

function setUp(members: () => Promise<{ members: Member[] }>, online: readonly string[]) {
  const states: PeopleState[] = [];
  const presence = async (users: readonly string[]) =>
    users.map((user) => ({ user, online: online.includes(user), away: false }));
  const ending = new AbortController();
  const host = { http: { members, presence }, signal: ending.signal, isVisible: () => true, failed: expect.fail };
  const people = new People({ ...host, changed: (state: PeopleState) => states.push(state) } as never);
  return { people, states, ending, shown: () => states.at(-1)?.members.map(({ user }) => user.username) };
}

test("those who are here come first, and are asked for again until nobody looks any more", async () => {
  vi.useFakeTimers();
  const members = vi.fn(async () => ({ members: [member("ada"), member("bob")] }));
  const { people, shown } = setUp(members, ["bob"]);
  people.look(TEA);
  await vi.advanceTimersByTimeAsync(0);
  expect(shown()).toEqual(["bob", "ada"]);
  await vi.advanceTimersByTimeAsync(30_000);
  people.leave(COFFEE);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(members).toHaveBeenCalledTimes(3);
  people.leave(TEA);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(members).toHaveBeenCalledTimes(3);
  expect(shown()).toEqual([]);
  vi.useRealTimers();
});

test("an answer that is late shows nobody who has gone meanwhile", async () => {
  let answerLate = (_: { members: Member[] }): void => undefined;
  const late = new Promise<{ members: Member[] }>((resolve) => {
    answerLate = resolve;
  });
  const answers = [late, Promise.resolve({ members: [member("ada")] })];
  const { people, shown, ending } = setUp(() => answers.shift() ?? expect.fail("asked again"), []);
  people.look(TEA);
  people.refresh();
  await vi.waitFor(() => expect(shown()).toEqual(["ada"]));
  answerLate({ members: [member("ada"), member("bob")] });
  await late;
  await Promise.resolve();
  expect(shown()).toEqual(["ada"]);
  ending.abort();
});

test("presence and status in words", () => {
  expect([undefined, { online: true, away: true }, { online: true }].map((one) => presenceOf(one as never))).toEqual([
    "gone",
    "away",
    "here",
  ]);
  expect(statusOf({ status: { emoji: "🍵", text: "tea" } } as never)).toBe("🍵 tea");
});
