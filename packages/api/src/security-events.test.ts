import { Writable } from "node:stream";
import { createLogger } from "@hubbub/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, TestApi, type World } from "../test/test-api.ts";

const PASSWORD = "correct horse";
const ADMIN_TOKEN = "an-operators-own-token";
const ADDRESS = "192.0.2.55";
let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

interface Line {
  readonly security?: boolean;
  readonly event?: string;
}

function open() {
  const lines: Line[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      const line = JSON.parse(String(chunk)) as Line;
      if (line.security === true) lines.push(line);
      done();
    },
  });
  const log = createLogger({ level: "info", node: "test" }, sink);
  const env = { ADMIN_TOKEN, REFRESH_GRACE_MS: "0", ROOMS_PER_MINUTE_PER_USER: "1" };
  return { lines, api: new TestApi(world, env, undefined, log) };
}

test("security events are logged: who, from where, outcome; and no secret", async () => {
  const { lines, api } = open();
  const person = await api.signup(PASSWORD);
  const user = person.user.id;
  const post = (path: string, body: object, token?: string) =>
    api.call("POST", path, { body, token, address: ADDRESS });
  const login = (password: string) => post("/auth/login", { username: person.user.username, password });
  await login(PASSWORD);
  await login("wrong password");
  await api.call("GET", "/me", { token: "forged.token.here", address: ADDRESS });
  await api.call("GET", "/admin/nodes", { token: "not-the-operators", address: ADDRESS });
  for (const name of ["one", "two"]) await post("/rooms", { name, visibility: "private" }, person.token);
  await post("/auth/refresh", { refreshToken: person.refreshToken });
  await post("/auth/refresh", { refreshToken: person.refreshToken });
  await post("/auth/logout", {}, person.token);
  const seen = (event: string) => lines.find((line) => line.event === event);
  expect(seen("signup")).toMatchObject({ outcome: "success", user });
  expect(lines.filter(({ event }) => event === "login")).toMatchObject([
    { outcome: "success", address: ADDRESS, user },
    { outcome: "refused", address: ADDRESS, user, reason: "bad_credentials" },
  ]);
  expect(seen("bad_token")).toMatchObject({
    outcome: "refused",
    address: ADDRESS,
    reason: "bad_token at GET /api/v1/me",
  });
  expect(seen("operator")).toMatchObject({ outcome: "refused", address: ADDRESS });
  expect(seen("rate_limited")).toMatchObject({ outcome: "refused", address: ADDRESS });
  expect(seen("refresh_reused")).toMatchObject({ outcome: "refused", address: ADDRESS, user });
  expect(seen("logout")).toMatchObject({ outcome: "success", address: ADDRESS, user });
  const text = JSON.stringify(lines);
  for (const secret of [
    PASSWORD,
    "wrong password",
    person.token,
    person.refreshToken,
    "forged.token.here",
    ADMIN_TOKEN,
  ]) {
    expect(text).not.toContain(secret);
  }
});
