import { createHash, randomBytes } from "node:crypto";
import type { Logger, TraceStep } from "@hubbub/runtime";

/** Steps that wait to be sent, some 400 bytes each. One more is dropped and counted. */
const WAITING_MAX = 2_048;
const SEND_MS = 5_000;
const TIMEOUT_MS = 4_000;
const TRACE_ID_CHARS = 32;
const SPAN_ID_BYTES = 8;
const INTERNAL = 1;
const MICRO_PER_MS = 1_000;

/** In all processes the same: their spans meet in one trace, and nothing travels with the event. */
export function traceIdOf({ room, epoch, seq }: Pick<TraceStep, "room" | "epoch" | "seq">): string {
  return createHash("sha256").update(`${room} ${epoch} ${seq}`).digest("hex").slice(0, TRACE_ID_CHARS);
}

/** Sends steps as spans to a collector: OTLP over HTTP, in JSON. A collector that is away costs spans and nothing else. */
export class OtlpExporter implements AsyncDisposable {
  readonly #url: string;
  readonly #node: string;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #waiting: TraceStep[] = [];
  #dropped = 0;
  #sending: Promise<void> = Promise.resolve();
  #isAway = false;

  constructor({ url, node, log }: { readonly url: string; readonly node: string; readonly log: Logger }) {
    this.#url = `${url.replace(/\/$/, "")}/v1/traces`;
    this.#node = node;
    this.#log = log;
    this.#timer = setInterval(() => void this.send(), SEND_MS).unref();
  }

  add(step: TraceStep): void {
    if (this.#waiting.length < WAITING_MAX) this.#waiting.push(step);
    else this.#dropped += 1;
  }

  /** What waits now, behind the call in progress. */
  async send(): Promise<void> {
    this.#sending = this.#sending.then(() => this.#sendNow());
    await this.#sending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.send();
  }

  async #sendNow(): Promise<void> {
    const steps = this.#waiting;
    if (steps.length === 0) return;
    this.#waiting = [];
    const body = JSON.stringify(toOtlp(this.#node, steps));
    const headers = { "content-type": "application/json" };
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const answer = await fetch(this.#url, { method: "POST", headers, body, signal, redirect: "error" });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      if (this.#dropped > 0) this.#log.warn({ dropped: this.#dropped }, "spans were dropped: OTLP_URL was too slow");
      this.#dropped = 0;
      this.#isAway = false;
    } catch (error) {
      this.#dropped += steps.length;
      if (!this.#isAway) this.#log.warn({ err: error }, "OTLP_URL does not take spans: they are dropped");
      this.#isAway = true;
    }
  }
}

function toOtlp(node: string, steps: readonly TraceStep[]): object {
  const service = { attributes: [text("service.name", "hubbub"), text("service.instance.id", node)] };
  return {
    resourceSpans: [{ resource: service, scopeSpans: [{ scope: { name: "hubbub" }, spans: steps.map(toSpan) }] }],
  };
}

function toSpan(step: TraceStep): object {
  const { name, at, ms, room, epoch, seq, count } = step;
  return {
    traceId: traceIdOf(step),
    spanId: randomBytes(SPAN_ID_BYTES).toString("hex"),
    ...{ name, kind: INTERNAL, startTimeUnixNano: nanos(at - ms), endTimeUnixNano: nanos(at) },
    attributes: [
      text("hubbub.room", room),
      int("hubbub.epoch", epoch),
      int("hubbub.seq", seq),
      int("hubbub.count", count),
    ],
  };
}

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
/** 64-bit numbers are strings in JSON. */
const int = (key: string, value: number) => ({ key, value: { intValue: String(value) } });
const nanos = (ms: number): string => `${Math.round(ms * MICRO_PER_MS)}000`;
