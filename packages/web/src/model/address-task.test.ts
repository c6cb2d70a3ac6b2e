import { expect, test } from "vitest";
import { taskOfHash } from "./address-task.ts";

test("links of mails and of the login provider are recognised, rooms and other addresses are not", () => {
  expect(taskOfHash("#confirm-email=aB-_9")).toEqual({ kind: "confirm-email", code: "aB-_9" });
  expect(taskOfHash("#reset-password=a%2Fb")).toEqual({ kind: "reset-password", code: "a/b" });
  expect(taskOfHash("#login_ticket=t")).toEqual({ kind: "login_ticket", code: "t" });
  expect(taskOfHash("#login_refused=identity_taken")).toEqual({ kind: "login_refused", code: "identity_taken" });
  expect(taskOfHash("#linked")).toEqual({ kind: "linked", code: "" });
  for (const hash of [
    "",
    "#",
    "#linked=1",
    "#0192f0c1",
    "#reset-password=",
    "#other=1",
    `#reset-password=${"a".repeat(513)}`,
  ])
    expect(taskOfHash(hash)).toBeUndefined();
  expect(taskOfHash("#confirm-email=%zz")?.code).toBe("%zz");
});
