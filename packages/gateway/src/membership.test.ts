import { newId, type Role, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { Membership } from "./membership.ts";

interface Question {
  readonly pairs: readonly { room: RoomId; user: UserId }[];
  answer(roles: (Role | null)[] | Error): void;
}

/** The store's side of the question, answered by hand. */
function createMembership() {
  const questions: Question[] = [];
  const roles = (pairs: Question["pairs"]) =>
    new Promise<readonly (Role | null)[]>((resolve, reject) => {
      questions.push({ pairs, answer: (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)) });
    });
  const unused = () => Promise.reject(new Error("not asked here"));
  const membership = new Membership({ roles, add: unused, remove: unused, list: unused }, 100);
  return { membership, questions };
}

const [room, other, user] = [newId<RoomId>(), newId<RoomId>(), newId<UserId>()];

test("questions of one turn become one statement, and members are remembered", async () => {
  const { membership, questions } = createMembership();
  const answers = Promise.all([membership.role(room, user), membership.role(other, user), membership.role(room, user)]);
  await expect.poll(() => questions.length).toBe(1);
  expect(questions[0]?.pairs).toMatchObject([{ room }, { room: other }]);
  questions[0]?.answer(["member", null]);
  expect(await answers).toEqual(["member", null, "member"]);
  expect(membership.peek(room, user)).toBe("member");
  expect(membership.peek(other, user)).toBeUndefined();
});

test("an answer that a removal has overtaken is not kept", async () => {
  const { membership, questions } = createMembership();
  const before = membership.role(room, user);
  await expect.poll(() => questions.length).toBe(1);
  membership.forget(room, user);
  const after = membership.role(room, user);
  await expect.poll(() => questions.length).toBe(2);
  questions[1]?.answer([null]);
  questions[0]?.answer(["member"]);
  expect(await before).toBe("member");
  expect(await after).toBeNull();
  expect(membership.peek(room, user)).toBeUndefined();
});

test("a failed question fails for all who asked, and the next one asks anew", async () => {
  const { membership, questions } = createMembership();
  const answers = Promise.allSettled([membership.role(room, user), membership.role(room, user)]);
  await expect.poll(() => questions.length).toBe(1);
  questions[0]?.answer(new Error("away"));
  expect((await answers).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const again = membership.role(room, user);
  await expect.poll(() => questions.length).toBe(2);
  questions[1]?.answer(["owner"]);
  expect(await again).toBe("owner");
});
