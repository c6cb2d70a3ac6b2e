import { HubbubError } from "@hubbub/client";
import { expect, test } from "vitest";
import { FormRefused, refusalOf } from "./refusal.ts";

test("a refusal stands beside the field that it is about, and says what to do", () => {
  const rules = { bad_link: { field: "code", text: "Ask for another mail." }, bad_credentials: { field: "current" } };
  expect(refusalOf(new HubbubError("bad_link"), rules)).toEqual({ field: "code", text: "Ask for another mail." });
  expect(refusalOf(new HubbubError("bad_credentials"), rules).field).toBe("current");
  expect(refusalOf(new HubbubError("bad_credentials")).field).toBe("password");
  const fault = new HubbubError("bad_request", "email: must be an address");
  expect(refusalOf(fault)).toEqual({ field: "email", text: "This must be an address." });
  expect(refusalOf(new HubbubError("bad_request", "the body is not JSON")).field).toBe("");
  expect(refusalOf(new HubbubError("overloaded"))).toMatchObject({ field: "", text: expect.stringMatching(/\.$/) });
  expect(refusalOf(new FormRefused("scopes", "Choose one."))).toEqual({ field: "scopes", text: "Choose one." });
  expect(() => refusalOf(new TypeError("a bug"))).toThrow("a bug");
});
