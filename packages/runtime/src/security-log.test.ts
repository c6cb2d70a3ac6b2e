import { Writable } from "node:stream";
import { expect, test, vi } from "vitest";
import { createLogger } from "./logger.ts";
import { createSecurityLog } from "./security-log.ts";

function open() {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Record<string, unknown>);
      done();
    },
  });
  return { lines, securityLog: createSecurityLog(createLogger({ level: "info", node: "n" }, sink)) };
}

test("a security event says who, from where and how it ended", () => {
  const { lines, securityLog } = open();
  securityLog({ event: "login", outcome: "success", user: "u", address: "192.0.2.1" });
  securityLog({ event: "login", outcome: "refused", address: "192.0.2.2", reason: "bad_credentials" });
  expect(lines).toMatchObject([
    { level: "info", security: true, event: "login", outcome: "success", user: "u", address: "192.0.2.1" },
    { level: "warn", security: true, event: "login", outcome: "refused", reason: "bad_credentials" },
  ]);
});

test("G8 a flood of one event is counted and not written, and does not hide another", () => {
  vi.useFakeTimers();
  try {
    const { lines, securityLog } = open();
    for (let times = 0; times < 500; times += 1) securityLog({ event: "hello", outcome: "refused" });
    securityLog({ event: "login", outcome: "refused" });
    expect(lines.filter(({ event }) => event === "hello")).toHaveLength(10);
    expect(lines.filter(({ event }) => event === "login")).toHaveLength(1);
    vi.advanceTimersByTime(1_000);
    expect(lines.at(-1)).toMatchObject({ security: true, event: "hello", suppressed: 490 });
    securityLog({ event: "hello", outcome: "refused" });
    expect(lines.at(-1)).toMatchObject({ event: "hello", outcome: "refused" });
  } finally {
    vi.useRealTimers();
  }
});
