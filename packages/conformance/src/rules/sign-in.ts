import { randomBytes } from "node:crypto";
import type { Problem, Tokens } from "@hubbub/protocol";
import { equal, holds, type Rule, Skipped } from "../rule.ts";
import { refused } from "./http.ts";

const id = (): string => randomBytes(24).toString("base64url");

export const signInRules: readonly Rule[] = [
  {
    id: "C-AUTH-001",
    title: "GET /me names the user of the token",
    async run(subject) {
      const [person] = await subject.people();
      const me = await person.expect<{ user: { id: string } }>(200, "GET", "/me");
      equal(me.user.id, person.tokens.user.id, "the user");
    },
  },
  {
    id: "C-AUTH-002",
    title: "a guest that is created again under the same id is the same user",
    async run(subject) {
      const body = { id: id() };
      const first = await subject.call<Tokens & Problem>("POST", "/auth/guest", { body });
      if (first.body.code === "guests_disabled") throw new Skipped("the server has no guests");
      const again = await subject.call<Tokens>("POST", "/auth/guest", { body });
      equal(again.body.user, first.body.user, "the user");
    },
  },
  {
    id: "C-AUTH-003",
    title: "a refresh token gives new tokens of the same user",
    async run(subject) {
      const { tokens } = await subject.guest();
      const { status, body } = await subject.call<Tokens>("POST", "/auth/refresh", {
        body: { refreshToken: tokens.refreshToken },
      });
      equal([status, body.user], [200, tokens.user], "POST /auth/refresh");
      holds(body.refreshToken !== tokens.refreshToken, "the refresh token is another one");
    },
  },
  {
    id: "C-AUTH-004",
    title: "a refresh token whose successor was used is refused with refresh_reused",
    async run(subject) {
      const { tokens } = await subject.guest();
      const refresh = (refreshToken: string) =>
        subject.call<Tokens>("POST", "/auth/refresh", { body: { refreshToken } });
      const next = await refresh(tokens.refreshToken);
      equal((await refresh(next.body.refreshToken)).status, 200, "the second refresh");
      const { status, headers, body } = await refresh(tokens.refreshToken);
      refused({ status, headers, body: { ...body } }, "refresh_reused");
    },
  },
  {
    id: "C-AUTH-005",
    title: "an unknown user and a wrong password are refused alike, with bad_credentials",
    async run(subject) {
      const body = { username: `nobody-${id().slice(0, 8)}`, password: "a wrong password" };
      refused(await subject.call("POST", "/auth/login", { body }), "bad_credentials");
    },
  },
  {
    id: "C-AUTH-006",
    title: "a logout ends the session, and closes its connections with 4501",
    async run(subject) {
      const person = await subject.guest();
      await using socket = await person.connect();
      await person.expect(204, "POST", "/auth/logout");
      equal(await socket.closedWith(), 4501, "the close code");
      refused(await person.call("GET", "/me"), "session_revoked");
    },
  },
  {
    id: "C-AUTH-007",
    title: "a reserved name is refused with username_reserved, and one that no account can have with bad_request",
    async run(subject) {
      const password = "conformance of servers";
      refused(
        await subject.call("POST", "/auth/signup", { body: { username: "everyone", password } }),
        "username_reserved",
      );
      refused(await subject.call("POST", "/auth/signup", { body: { username: "no name", password } }), "bad_request");
    },
  },
];
