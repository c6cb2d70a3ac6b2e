import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createLogger } from "./logger.ts";

test("an error is logged without what a driver hangs on it: commands, statements, what people wrote", () => {
  let written = "";
  const sink = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  const log = createLogger({ level: "info", node: "n" }, sink);
  const cause = Object.assign(new Error("lost"), { code: "ECONNRESET", query: "secret" });
  log.error(
    { err: Object.assign(new Error("failed", { cause }), { command: { args: ["secret"] } }), token: "secret" },
    "what",
  );
  expect(written).not.toContain("secret");
  expect(JSON.parse(written)).toMatchObject({
    level: "error",
    msg: "what",
    err: { message: "failed", cause: { code: "ECONNRESET" } },
  });
});
