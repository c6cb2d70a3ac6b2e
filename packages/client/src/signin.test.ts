import { expect, onTestFinished, test } from "vitest";
import { FakeServer } from "../test/fake-server.ts";
import { HubbubHttp } from "./http.ts";
import { HubbubSignin, personalToken } from "./signin.ts";

type Reply = NonNullable<ReturnType<FakeServer["http"]>>;

async function serving(...replies: Reply[]) {
  const server = new FakeServer();
  const asked: string[] = [];
  server.http = ({ method, url, headers }) => {
    asked.push(`${method} ${url} ${headers.authorization ?? ""}`.trim());
    return replies.shift();
  };
  const url = await server.listen();
  onTestFinished(() => server.close());
  return { url, asked };
}

test("a login that needs a second factor says so, and is finished with a code", async () => {
  const secondFactor = { ticket: "t", methods: ["totp"], expiresInMs: 300_000 };
  const problem = { code: "second_factor_required", detail: "a code", secondFactor };
  const { url, asked } = await serving({ status: 401, body: problem }, { status: 200, body: { accessToken: "a" } });
  const http = new HubbubHttp({ url });
  const error = await http.login({ username: "ada", password: "x" }).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "second_factor_required", secondFactor });
  expect(await new HubbubSignin(http).finish("t", { code: "123456" })).toEqual({ accessToken: "a" });
  expect(asked).toEqual(["POST /api/v1/auth/login", "POST /api/v1/auth/second-factor"]);
});

test("a personal token is exchanged once for calls at once, and again when the answer was refused", async () => {
  const answer = (accessToken: string) => ({ status: 200, body: { accessToken, expiresIn: 600 } });
  const { url, asked } = await serving(answer("one"), answer("two"));
  const getToken = personalToken({ url, token: "hub_x" });
  expect(await Promise.all([getToken(false), getToken(false)])).toEqual(["one", "one"]);
  expect(await getToken(false)).toBe("one");
  expect(await getToken(true)).toBe("two");
  expect(asked).toEqual(Array(2).fill("POST /api/v1/auth/token Bearer hub_x"));
});

test("without a token a server's methods can be asked for, and an account cannot", async () => {
  const { url } = await serving({ status: 200, body: { password: true } });
  const signin = new HubbubSignin(new HubbubHttp({ url }));
  expect(await signin.methods()).toEqual({ password: true });
  await expect(signin.tokens()).rejects.toMatchObject({ code: "bad_token" });
});
