import { expect, test } from "vitest";
import { explain } from "./explain.ts";

const coded = (code: string, message: string) => Object.assign(new Error(message), { code });

test.each([
  [coded("28P01", 'password authentication failed for user "u"'), /refuses the user name or password/],
  [coded("3D000", 'database "x" does not exist'), /no database of this name; create it with createdb/],
  [coded("42501", "permission denied for schema hubbub"), /docs\/operations.md lists the rights/],
  [coded("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate"), /sslmode=verify-full&sslrootcert=FILE/],
  [new Error("The server does not support SSL connections"), /does not speak TLS/],
  [coded("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1"), /check DATABASE_URL and REDIS_URL: connect ECONNREFUSED/],
  [coded("EACCES", "EACCES: permission denied, open 'keys.json'"), /permission denied, open 'keys.json'/],
])("%s is explained in one sentence without a stack", (error, sentence) => {
  expect(explain(error)).toMatch(sentence);
  expect(explain(new Error("failed", { cause: error }))).toMatch(
    error.message.includes("EACCES") ? /failed/ : sentence,
  );
  expect(explain(error)).not.toContain("\n");
});

test("a fault of the program keeps its stack", () => {
  expect(explain(new TypeError("x is undefined"))).toContain("    at ");
});
