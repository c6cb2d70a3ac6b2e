import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type ErrorCode, isRetryable } from "@hubbub/protocol";
import type { Person } from "@hubbub/testkit";
import { digestOf } from "../checker/records.ts";
import type { Tally } from "./tally.ts";

interface HttpSenderOptions {
  readonly url: string;
  readonly person: Person;
  readonly room: string;
  readonly tally: Tally;
}

const paceMs = 100;
const answerMs = 5_000;
const retryMs = 250;

/** Publishes over HTTP, one event behind the other; what had no good answer is sent again under its id. */
export class HttpSender implements AsyncDisposable {
  readonly #options: HttpSenderOptions;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  isWaiting = false;
  isPaused = true;

  constructor(options: HttpSenderOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
    while (!signal.aborted) {
      if (!this.isPaused) {
        const id = randomUUID();
        this.#options.tally.wanted(id);
        this.isWaiting = true;
        while (!signal.aborted && !(await this.#send(id))) await pause(retryMs);
        this.isWaiting = false;
      }
      await pause(paceMs);
    }
  }

  /** Whether there is nothing more to do about it. */
  async #send(id: string): Promise<boolean> {
    const { url, person, room, tally } = this.#options;
    const about = { client: "http", room, id };
    const text = `over http ${id}`;
    tally.add({ type: "sent", ...about, digest: digestOf(text), at: Date.now() });
    const answer = await fetch(`${url}/api/v1/rooms/${room}/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${person.tokens.accessToken}` },
      body: JSON.stringify({ id, text }),
      signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(answerMs)]),
    })
      .then(async (response) => ({ isOk: response.ok, body: (await response.json()) as Record<string, unknown> }))
      // No answer, or one of the front that is no JSON: whether it was taken is unknown.
      .catch(() => null);
    if (answer === null) return false;
    const { isOk, body } = answer;
    if (isOk) {
      const [seq, epoch] = [Number(body["seq"]), Number(body["epoch"])];
      tally.add({ type: "acked", ...about, seq, epoch, isDuplicate: body["duplicate"] === true, at: Date.now() });
      return true;
    }
    const code = String(body["code"]);
    tally.add({ type: "refused", ...about, code, at: Date.now() });
    return !isRetryable(code as ErrorCode);
  }
}
