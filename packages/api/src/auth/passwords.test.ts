import type { Tokens } from "@hubbub/protocol";
import { hash } from "@node-rs/argon2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, TestApi, type World } from "../../test/test-api.ts";

let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world);
});
afterAll(() => world[Symbol.asyncDispose]());

const signup = (username: string, password: string, email?: string) =>
  api.call<Tokens>("POST", "/auth/signup", { body: { username, password, ...(email === undefined ? {} : { email }) } });
const login = (username: string, password: string) =>
  api.call<Tokens>("POST", "/auth/login", { body: { username, password } });

test.each([
  ["64 ideographs", "漢字仮名交文章"],
  ["64 emoji", "😀🎈🐙🚲"],
  ["letters of several scripts", "añжω한"],
])("%s are a password, and log in", async (_what, letters) => {
  const username = `long-${letters.codePointAt(0)}`;
  const password = Array.from({ length: 64 }, (_, at) => [...letters][at % [...letters].length]).join("");
  expect((await signup(username, password)).status).toBe(201);
  expect((await login(username, password)).status).toBe(200);
  expect((await login(username, `${password}x`)).status).toBe(401);
});

test("the same password typed on another system logs in", async () => {
  await signup("melody", "mot de pass\u00e9");
  expect((await login("melody", "mot de passe\u0301")).status).toBe(200);
  await signup("harmony", "mot de passe\u0301");
  expect((await login("harmony", "mot\u00a0de pass\u00e9")).status).toBe(200);
});

test("a hash of before, made of what was typed, still logs in and is made anew", async () => {
  const typed = "mot de passe\u0301";
  const passwordHash = await hash(typed, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  await world.store.users.create({ username: "early-bird", passwordHash });
  expect((await login("early-bird", typed)).status).toBe(200);
  expect((await world.store.users.findByUsername("early-bird"))?.passwordHash).not.toBe(passwordHash);
  expect((await login("early-bird", "mot de pass\u00e9")).status).toBe(200);
});

test.each([
  ["most used", "somebody1", "password"],
  ["most used, in capitals", "somebody1", "PassWord1"],
  ["most used, digits", "somebody1", "12345678"],
  ["blanks", "somebody1", "        "],
  ["two letters", "somebody1", "abababababab"],
  ["the own name", "mississippi", "Mississippi"],
  ["the own name and a year", "mississippi", "mississippi2026"],
  ["the server's name", "somebody1", "hubbub123"],
  ["the own address", "somebody1", "zaphod@example.org", "zaphod@example.org"],
])("a password that is easy to guess is refused: %s", async (_what, username, password, email?: string) => {
  expect(await signup(username, password, email)).toMatchObject({ status: 400, body: { code: "weak_password" } });
});

test.each(["\u0000", "\ud800"])(
  "what sign-up refuses for its characters, login refuses with the same words",
  async (bad) => {
    const [one, two] = [await signup("somebody2", `abcdefgh${bad}`), await login("somebody2", `abcdefgh${bad}`)];
    expect(one).toMatchObject({ status: 400, body: { code: "bad_request" } });
    expect(two.body).toEqual(one.body);
  },
);
