import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createLogger } from "./logger.ts";

test("e-mail addresses are masked in every line, also within errors", () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const log = createLogger({ level: "info", node: "n" }, sink);
  const err = new Error("550 <ada@example.org> is unknown", { cause: new Error("for bob@example.org") });
  log.warn({ err, to: "carl@example.org" }, "no mail to dora@example.org");
  const [line = ""] = lines;
  expect(line).not.toContain("example");
  expect(JSON.parse(line)).toMatchObject({ msg: "no mail to d***@***.org", to: "c***@***.org" });
});

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

test("a frame is logged by its names alone: room and id of the event, and nothing that somebody wrote", () => {
  let written = "";
  const sink = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  const log = createLogger({ level: "info", node: "n" }, sink);
  const frame = { type: "publish", ref: 7, room: "r", id: "e1", text: "secret", files: ["secret"], token: "secret" };
  log.error({ frame }, "frame failed");
  expect(written).not.toContain("secret");
  expect(JSON.parse(written).frame).toEqual({ type: "publish", ref: 7, room: "r", id: "e1" });
  log.error({ frame: undefined }, "frame failed");
});
