import { expect, onTestFinished, test } from "vitest";
import { FakeServer } from "../test/fake-server.ts";
import { HubbubAccount } from "./account.ts";
import { HubbubHttp } from "./http.ts";

test("each call of the account is one request, with a token unless it is open", async () => {
  const server = new FakeServer();
  const asked: string[] = [];
  server.http = ({ method, url, headers }) => {
    asked.push(`${method} ${url?.replace("/api/v1", "")} ${headers.authorization ?? "open"}`);
    return { status: 200, body: { user: { id: "u", username: "ada" }, sessions: [], users: [] } };
  };
  const url = await server.listen();
  onTestFinished(() => server.close());
  const account = new HubbubAccount(new HubbubHttp({ url, getToken: async () => "t" }));
  await account.get();
  expect(await account.upgrade({ username: "ada", password: "correct horse" })).toEqual({ id: "u", username: "ada" });
  await account.changeProfile({ about: null });
  await account.profile("a/b");
  await account.changePassword({ currentPassword: "correct horse", newPassword: "another horse" });
  expect(await account.sessions()).toEqual([]);
  await account.endSession("s");
  await account.endSessions();
  await account.endSessions({ isOthers: true });
  await account.block("b");
  await account.unblock("b");
  expect(await account.blocked()).toEqual([]);
  await account.changeEmail({ email: null, password: "correct horse" });
  await account.confirmEmail("c");
  await account.forgotPassword("ada@example.org");
  await account.resetPassword({ code: "c", newPassword: "another horse" });
  expect(asked).toEqual([
    "GET /me/account Bearer t",
    "POST /me/account Bearer t",
    "PATCH /me Bearer t",
    "GET /users/a%2Fb Bearer t",
    "PUT /me/password Bearer t",
    "GET /me/sessions Bearer t",
    "DELETE /me/sessions/s Bearer t",
    "DELETE /me/sessions Bearer t",
    "DELETE /me/sessions?others=true Bearer t",
    "PUT /me/blocks/b Bearer t",
    "DELETE /me/blocks/b Bearer t",
    "GET /me/blocks Bearer t",
    "PUT /me/email Bearer t",
    "POST /auth/email/confirm open",
    "POST /auth/password/forgot open",
    "POST /auth/password/reset open",
  ]);
});
