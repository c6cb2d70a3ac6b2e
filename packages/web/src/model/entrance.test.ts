import type { Tokens } from "@hubbub/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { Entrance, type EntryPage } from "./entrance.ts";

const TOKENS = { user: { id: "u", username: "ada" }, accessToken: "a", refreshToken: "r", expiresIn: 600 };
const FACTOR = { ticket: "t1", methods: ["totp", "recovery"], expiresInMs: 300_000 };
const ADA = { way: "login", username: "ada", password: "tea at half past four" } as const;

/** `replies`: by path, each given once. */
function setUp(replies: Record<string, { status: number; body?: object }[]>) {
  const sent: string[] = [];
  vi.stubGlobal("fetch", (url: string, { body }: { body?: string }) => {
    const path = new URL(url).pathname.replace("/api/v1", "");
    if (path !== "/auth/methods") sent.push(`${path} ${body}`);
    const { status, body: answer } = replies[path]?.shift() ?? { status: 404, body: { code: "not_found" } };
    return Promise.resolve(new Response(answer === undefined ? null : JSON.stringify(answer), { status }));
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  const pages: EntryPage[] = [];
  const entered: Tokens[] = [];
  const entrance = new Entrance({
    url: "http://127.0.0.1:9/",
    show: (page) => void pages.push(page),
    offer: () => undefined,
    entered: (tokens) => void entered.push(tokens),
  });
  return { entrance, sent, entered, page: () => pages.at(-1) };
}

test("a login that needs a second factor asks for a code, keeps asking after a wrong one, and enters", async () => {
  const { entrance, sent, entered, page } = setUp({
    "/auth/login": [{ status: 401, body: { code: "second_factor_required", secondFactor: FACTOR } }],
    "/auth/second-factor": [
      { status: 401, body: { code: "bad_code" } },
      { status: 200, body: TOKENS },
    ],
  });
  await entrance.enter(ADA);
  expect(page()).toMatchObject({ step: { kind: "factor", methods: ["totp", "recovery"] }, error: "", isBusy: false });
  await entrance.finish("000000");
  expect(page()).toMatchObject({ step: { kind: "factor" }, error: expect.stringContaining("code is wrong") });
  await entrance.finish("123456");
  expect(sent.at(-1)).toBe('/auth/second-factor {"ticket":"t1","code":"123456"}');
  expect(entered).toMatchObject([{ user: { username: "ada" } }]);
});

test("a second factor that comes too late begins the login again", async () => {
  const { entrance, page } = setUp({
    "/auth/login": [{ status: 401, body: { code: "second_factor_required", secondFactor: FACTOR } }],
    "/auth/second-factor": [{ status: 401, body: { code: "bad_ticket" } }],
  });
  await entrance.enter(ADA);
  await entrance.finish("123456");
  expect(page()).toMatchObject({ step: { kind: "ways" }, error: expect.stringContaining("Begin again") });
});

test("the links of mails confirm an address and set a new password; a refusal is told, of the provider too", async () => {
  const { entrance, sent, page } = setUp({
    "/auth/email/confirm": [{ status: 204 }, { status: 400, body: { code: "bad_link" } }],
    "/auth/password/forgot": [{ status: 202 }],
    "/auth/password/reset": [{ status: 204 }, { status: 204 }],
  });
  expect(await entrance.take({ kind: "confirm-email", code: "c" })).toContain("confirmed");
  expect(await entrance.take({ kind: "confirm-email", code: "c" })).toContain("wrong, used or expired");
  expect(await entrance.take({ kind: "reset-password", code: "r" })).toBeUndefined();
  expect(page()).toMatchObject({ step: { kind: "reset", needsCode: false } });
  expect(await entrance.take({ kind: "linked", code: "" })).toContain("is linked");
  expect(await entrance.take({ kind: "login_refused", code: "identity_taken" })).toContain("another account");
  expect(await entrance.take({ kind: "login_refused", code: "constructor" })).toContain("Try again");
  await entrance.setPassword("a new password");
  expect(sent.at(-1)).toBe('/auth/password/reset {"code":"r","newPassword":"a new password"}');
  expect(page()).toMatchObject({ step: { kind: "ways" }, note: expect.stringContaining("Log in with it") });
  await entrance.mail("ada@example.org");
  expect(page()).toMatchObject({ step: { kind: "reset", needsCode: true }, note: expect.stringContaining("a mail") });
  await entrance.setPassword("a new password", "typed");
  expect(sent.at(-1)).toBe('/auth/password/reset {"code":"typed","newPassword":"a new password"}');
});
