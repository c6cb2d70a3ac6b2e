import { HubbubError, type HubbubErrorCode } from "@hubbub/client";
import { ERRORS } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { explain } from "./cli-error.ts";

const CODES = [...(Object.keys(ERRORS) as HubbubErrorCode[]), "unreachable", "timeout", "unexpected_answer"] as const;
/** Nobody logs in or signs up inside of a chat. */
const ABOUT_LOGIN: ReadonlySet<string> = new Set([
  ...["bad_token", "session_revoked", "refresh_reused", "bad_credentials", "username_taken", "guests_disabled"],
  "already_account",
]);
const said = (code: HubbubErrorCode, place: "chat" | "shell") =>
  explain(new HubbubError(code, undefined, { retryAfterMs: 1_000 }), "http://h", place);

test("errors name commands of the chat inside of it, and of the shell elsewhere", () => {
  const dotted = CODES.filter((code) => /(?:^|[\s,(])\.[a-z]/.test(said(code, "shell")));
  expect(dotted).toEqual([]);
  const shell = CODES.filter((code) => !ABOUT_LOGIN.has(code) && /\bhubbub [a-z]/.test(said(code, "chat")));
  expect(shell).toEqual([]);
  for (const code of ["last_owner", "last_member", "banned", "room_archived"] as const)
    expect([said(code, "chat"), said(code, "shell")], code).toEqual([
      expect.stringMatching(/ \.[a-z]/),
      expect.stringMatching(/ hubbub [a-z]+ ROOM/),
    ]);
});
