import { setTimeout as sleep } from "node:timers/promises";
import { ProtocolError } from "@hubbub/protocol";
import type { Logger, Metrics } from "@hubbub/runtime";
import { isUnavailable } from "@hubbub/store";
import pLimit from "p-limit";

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** What is known of a mail before it is sent. `compose` answers null: there is nothing to send. */
type Compose = () => Promise<Mail | null>;

interface MailQueueParts {
  readonly send: (mail: Mail) => Promise<void>;
  readonly max: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Pauses before the second and each further attempt. */
  readonly pausesMs?: readonly number[];
}

const AT_ONCE = 4;
const PAUSES_MS = [5_000, 30_000, 120_000, 600_000];
const RETRY_AFTER_MS = 30_000;
/** What a process that stops waits for mails that are being sent. */
const CLOSE_MS = 5_000;
const SMTP_PERMANENT = 500;

/**
 * Composes and sends mails after the requests that cause them, so that an answer says nothing about the recipient. The
 * queue is in the memory of this process: a mail that waits is lost when the process ends, and is asked for again.
 */
export class MailQueue {
  readonly #parts: MailQueueParts;
  readonly #limit = pLimit(AT_ONCE);
  readonly #pauses = new Set<NodeJS.Timeout>();
  readonly #count: ReturnType<Metrics["counter"]>;
  #size = 0;
  #isClosed = false;

  constructor(parts: MailQueueParts) {
    this.#parts = parts;
    this.#count = parts.metrics.counter("mails_total", "mails by outcome", ["outcome"]);
    parts.metrics.gauge("mail_queue_depth", "mails that are sent or wait", () => this.#size);
  }

  /** @throws ProtocolError overloaded */
  add(compose: Compose): void {
    if (this.#isClosed || this.#size >= this.#parts.max)
      throw new ProtocolError("overloaded", "too many mails are waiting", { retryAfterMs: RETRY_AFTER_MS });
    this.#size += 1;
    let mail: Mail | null | undefined;
    this.#run(async () => {
      mail ??= await compose();
      if (mail !== null) await this.#parts.send(mail);
      return mail !== null;
    }, 0);
  }

  /** Retries are given up; the mails of other attempts get some seconds. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const pause of this.#pauses) clearTimeout(pause);
    const { size: waiting } = this.#pauses;
    const deadline = performance.now() + CLOSE_MS;
    while (this.#size > waiting && performance.now() < deadline) await sleep(20);
    this.#limit.clearQueue();
    if (this.#size > 0) this.#parts.log.warn({ mails: this.#size }, "mails lost: the process stops");
  }

  #run(attempt: () => Promise<boolean>, failures: number): void {
    void this.#limit(attempt).then(
      (isSent) => this.#settle(isSent ? "sent" : "none"),
      (error: unknown) => this.#failed(attempt, failures, error),
    );
  }

  #failed(attempt: () => Promise<boolean>, failures: number, error: unknown): void {
    const pauseMs = (this.#parts.pausesMs ?? PAUSES_MS)[failures];
    if (this.#isClosed || pauseMs === undefined || isPermanent(error)) {
      this.#parts.log.error({ ...reasonOf(error), attempts: failures + 1 }, "mail not sent: given up");
      this.#settle("failed");
      return;
    }
    this.#count.inc({ outcome: "retried" });
    this.#parts.log.warn({ ...reasonOf(error), pauseMs }, "mail not sent: will retry");
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      this.#run(attempt, failures + 1);
    }, pauseMs);
    this.#pauses.add(pause.unref());
  }

  #settle(outcome: string): void {
    this.#size -= 1;
    this.#count.inc({ outcome });
  }
}

/** A refusal of the SMTP server for good, or a fault of our own. */
function isPermanent(error: unknown): boolean {
  if (isUnavailable(error)) return false;
  const response = fieldOf(error, "responseCode");
  if (typeof response === "number") return response >= SMTP_PERMANENT;
  return fieldOf(error, "code") === undefined;
}

/** Errors of SMTP quote the recipient: only their codes are logged. */
function reasonOf(error: unknown): object {
  const [code, response] = [fieldOf(error, "code"), fieldOf(error, "responseCode")];
  return code === undefined && response === undefined ? { err: error } : { code, response };
}

function fieldOf(error: unknown, name: "code" | "responseCode"): unknown {
  return typeof error === "object" && error !== null ? (error as Record<string, unknown>)[name] : undefined;
}
