import { newId, type Role, type RoomId, type Standing, type UserId } from "@hubbub/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { KnownMembers, MembershipCache } from "./membership.ts";

interface Question {
  readonly pairs: readonly { room: RoomId; user: UserId }[];
  answer(roles: (Role | null)[] | Error): void;
}

const ordinary = (role: Role): Standing => ({ role, from: 0 });

/** The store's side of the question, answered by hand. */
function createMembership() {
  const questions: Question[] = [];
  const standings = (pairs: Question["pairs"]) =>
    new Promise<readonly (Standing | null)[]>((resolve, reject) => {
      const answer: Question["answer"] = (roles) =>
        roles instanceof Error ? reject(roles) : resolve(roles.map((role) => (role === null ? null : ordinary(role))));
      questions.push({ pairs, answer });
    });
  const unused = () => Promise.reject(new Error("not asked here"));
  const others = {
    add: unused,
    hasLeft: unused,
    leave: unused,
    remove: unused,
    setRole: unused,
    list: unused,
    mute: unused,
    roles: unused,
    exceed: unused,
  };
  const membership = new MembershipCache({ standings, ...others }, 100);
  return { membership, questions };
}

const roleIn = async (membership: MembershipCache, room: RoomId, user: UserId) =>
  (await membership.standing(room, user))?.role ?? null;

const [room, other, user] = [newId<RoomId>(), newId<RoomId>(), newId<UserId>()];

test("lookups of one turn become one statement, and members are cached", async () => {
  const { membership, questions } = createMembership();
  const answers = Promise.all([
    roleIn(membership, room, user),
    roleIn(membership, other, user),
    roleIn(membership, room, user),
  ]);
  await expect.poll(() => questions.length).toBe(1);
  expect(questions[0]?.pairs).toMatchObject([{ room }, { room: other }]);
  questions[0]?.answer(["member", null]);
  expect(await answers).toEqual(["member", null, "member"]);
  expect(membership.cached(room, user)?.role).toBe("member");
  expect(membership.cached(other, user)).toBeUndefined();
});

test("a crowd of uncached users runs two statements at once, and gathers behind them", async () => {
  const { membership, questions } = createMembership();
  const answers: Promise<Role | null>[] = [];
  const arrive = async (count: number) => {
    answers.push(...Array.from({ length: count }, () => roleIn(membership, room, newId<UserId>())));
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (let turn = 0; turn < 10; turn++) await arrive(50);
  expect(questions.map(({ pairs }) => pairs.length)).toEqual([50, 50]);
  questions[0]?.answer(Array.from({ length: 50 }, () => "member"));
  await expect.poll(() => questions.length).toBe(3);
  expect(questions[2]?.pairs).toHaveLength(400);
  questions[1]?.answer(new Error("away"));
  questions[2]?.answer(Array.from({ length: 400 }, () => "member"));
  const settled = await Promise.allSettled(answers);
  expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(450);
});

test("an answer is not cached when a removal overtakes it", async () => {
  const { membership, questions } = createMembership();
  const before = roleIn(membership, room, user);
  await expect.poll(() => questions.length).toBe(1);
  membership.forget(room, user);
  const after = roleIn(membership, room, user);
  await expect.poll(() => questions.length).toBe(2);
  questions[1]?.answer([null]);
  questions[0]?.answer(["member"]);
  expect(await before).toBe("member");
  expect(await after).toBeNull();
  expect(membership.cached(room, user)).toBeUndefined();
});

test("a failed lookup fails for all its callers, and the next one asks again", async () => {
  const { membership, questions } = createMembership();
  const answers = Promise.allSettled([roleIn(membership, room, user), roleIn(membership, room, user)]);
  await expect.poll(() => questions.length).toBe(1);
  questions[0]?.answer(new Error("away"));
  expect((await answers).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const again = roleIn(membership, room, user);
  await expect.poll(() => questions.length).toBe(2);
  questions[1]?.answer(["owner"]);
  expect(await again).toBe("owner");
});

test("G8 a full cache evicts the oldest members, and counts a member that is added again once", () => {
  const known = new KnownMembers(100, 300);
  const rooms = [room, other];
  const people = Array.from({ length: 75 }, () => newId<UserId>());
  const knownIn = (of: RoomId) => people.filter((person) => known.standingOf(of, person) !== undefined).length;
  for (const person of [...people, ...people]) known.add(room, person, ordinary("member"));
  expect(rooms.map(knownIn)).toEqual([75, 0]);
  for (const person of people) known.add(other, person, ordinary("owner"));
  expect(knownIn(other)).toBe(75);
  expect(known.standingOf(other, people[0] ?? user)?.role).toBe("owner");
  expect(knownIn(room)).toBeGreaterThan(20);
  expect(knownIn(room)).toBeLessThanOrEqual(25);
  expect(known.standingOf(room, people[0] ?? user)).toBeUndefined();
});

test("G8 a full cache evicts the oldest members of a single room too, and an expired member is looked up again", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const known = new KnownMembers(10, 300);
  const people = Array.from({ length: 30 }, () => newId<UserId>());
  for (const person of people) known.add(room, person, ordinary("member"));
  expect(people.filter((person) => known.standingOf(room, person) !== undefined)).toEqual(people.slice(-10));
  vi.advanceTimersByTime(299_000);
  expect(known.standingOf(room, people[29] ?? user)?.role).toBe("member");
  vi.advanceTimersByTime(2_000);
  expect(known.standingOf(room, people[29] ?? user)).toBeUndefined();
});
