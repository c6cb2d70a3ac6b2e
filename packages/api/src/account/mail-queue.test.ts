import { createLogger, createMetrics } from "@hubbub/runtime";
import { expect, onTestFinished, test, vi } from "vitest";
import { TestSmtp } from "../../test/smtp.ts";
import { MailQueue } from "./mail-queue.ts";
import { createMailer } from "./mailer.ts";

const WAIT = { timeout: 30_000, interval: 20 };
const mail = (to: string) => ({ to, subject: "Subject", text: "Text" });

async function open({ max = 10, pausesMs = [1, 1] } = {}) {
  const smtp = new TestSmtp();
  const mailer = createMailer(await smtp.open(), "chat@example.org");
  const metrics = createMetrics();
  const log = createLogger({ level: "silent", node: "test" });
  const queue = new MailQueue({ send: mailer.send, max, log, metrics, pausesMs });
  onTestFinished(async () => {
    await queue.close();
    mailer.close();
    await smtp[Symbol.asyncDispose]();
  });
  const outcome = async (name: string) =>
    Number(new RegExp(`mails_total{outcome="${name}"} (\\d+)`).exec(await metrics.text())?.[1] ?? 0);
  return { smtp, queue, outcome };
}

test("a mail that the server refuses for now is sent again, one that it refuses for good is not", async () => {
  const { smtp, queue, outcome } = await open();
  smtp.answers = [451, 250];
  queue.add(async () => mail("later@example.org"));
  await vi.waitFor(() => expect(smtp.received.map(({ to }) => to)).toEqual([["later@example.org"]]), WAIT);
  smtp.answers = [550];
  queue.add(async () => mail("never@example.org"));
  await vi.waitFor(async () => expect(await outcome("failed")).toBe(1), WAIT);
  expect(smtp.refused).toEqual(["later@example.org", "never@example.org"]);
  expect([await outcome("sent"), await outcome("retried")]).toEqual([1, 1]);
});

test("G8 a mail is given up after its last attempt", async () => {
  const { smtp, queue, outcome } = await open();
  smtp.answers = [451, 451, 451];
  queue.add(async () => mail("never@example.org"));
  await vi.waitFor(async () => expect(await outcome("failed")).toBe(1), WAIT);
  expect(smtp.refused).toHaveLength(3);
});

test("G8 mails beyond the bound are refused with overloaded, and those that wait for a retry count", async () => {
  const { smtp, queue, outcome } = await open({ max: 2, pausesMs: [60_000] });
  smtp.answers = [451, 451];
  queue.add(async () => mail("one@example.org"));
  queue.add(async () => mail("two@example.org"));
  await vi.waitFor(async () => expect(await outcome("retried")).toBe(2), WAIT);
  expect(() => queue.add(async () => mail("three@example.org"))).toThrow(
    expect.objectContaining({ code: "overloaded", retryAfterMs: expect.any(Number) }),
  );
});

test("a queue that closes sends what is on its way, and gives up what waits for a retry", async () => {
  const { smtp, queue, outcome } = await open({ pausesMs: [60_000] });
  smtp.answers = [451];
  queue.add(async () => mail("waits@example.org"));
  await vi.waitFor(async () => expect(await outcome("retried")).toBe(1), WAIT);
  queue.add(async () => mail("goes@example.org"));
  await queue.close();
  expect(smtp.received.map(({ to }) => to)).toEqual([["goes@example.org"]]);
  expect(() => queue.add(async () => mail("late@example.org"))).toThrow();
});

test("a recipient is one address, whatever it contains", async () => {
  const { smtp, queue, outcome } = await open();
  queue.add(async () => mail("one@example.org, two@example.org"));
  await vi.waitFor(async () => expect((await outcome("sent")) + (await outcome("failed"))).toBe(1), WAIT);
  expect(smtp.received.flatMap(({ to }) => to)).not.toContain("two@example.org");
});
