import { CLOSE } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { HubbubError } from "./hubbub-error.ts";
import { planAfter } from "./reconnect.ts";

const well = { attempt: 0, hasFreshToken: false };

test("G5 a client reconnects after every code below 4500", () => {
  for (const code of [1000, 1001, 1006, 1011, 4001, 4008, 4009, 4010, 4499]) {
    expect(planAfter({ code }, well, 0.5)).toMatchObject({ action: "retry" });
  }
});

test("after 4500 a client reconnects once with a fresh token, then stops", () => {
  const first = planAfter({ code: CLOSE.badToken }, well, 0.5);
  expect(first).toEqual({ action: "retry", delayMs: 0, trouble: { attempt: 1, hasFreshToken: true } });
  const second = planAfter({ code: CLOSE.badToken }, { attempt: 1, hasFreshToken: true }, 0.5);
  expect(second).toMatchObject({ action: "stop", error: { code: "bad_token" } });
});

test("after 4501 to 4999 a client stops with the last error of the server", () => {
  expect(planAfter({ code: 4501 }, well, 0.5)).toMatchObject({ error: { code: "session_revoked" } });
  const error = new HubbubError("bad_frame", "text: too long");
  expect(planAfter({ code: 4502, error }, well, 0.5)).toEqual({ action: "stop", error });
});

test("G10 a goaway is obeyed to the millisecond, an overload at least", () => {
  expect(planAfter({ code: CLOSE.goaway, afterMs: 120 }, well, 0.9)).toMatchObject({ delayMs: 120 });
  expect(planAfter({ code: CLOSE.overloaded, afterMs: 3_000 }, well, 0.9)).toMatchObject({ delayMs: 3_000 });
  expect(planAfter({ code: 1006 }, { ...well, attempt: 2 }, 0.5)).toMatchObject({ delayMs: 500 });
});
