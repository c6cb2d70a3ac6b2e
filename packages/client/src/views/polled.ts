import { Alarm } from "../alarm.ts";
import { backoffMs } from "../backoff.ts";
import type { Client } from "../client.ts";
import { HubbubError } from "../hubbub-error.ts";
import { View } from "./view.ts";

/** A view of what the server answers over HTTP: asked when the client is ready, every `everyMs`, and on `ask`. */
export abstract class Polled<Snapshot> extends View<Snapshot> {
  protected readonly client: Client;
  readonly #everyMs: number;
  readonly #next = new Alarm();
  #stopState: () => void = () => undefined;
  #asking: Promise<void> | undefined;
  #isAskedAgain = false;
  #failures = 0;
  /** Why the last answer did not come. @internal */
  protected error: HubbubError | undefined;

  constructor(client: Client, everyMs: number) {
    super();
    this.client = client;
    this.#everyMs = everyMs;
  }

  /** @internal Asks the server, and takes in what it answers unless `isOver`. */
  protected abstract load(isOver: () => boolean): Promise<void>;

  /** Asks in `afterMs`, unless it would sooner. */
  protected askSoon(afterMs: number): void {
    if (this.isRunning) this.#next.set(afterMs, () => this.ask());
  }

  /** Asks now, or once more behind the question that is underway. */
  protected ask(): void {
    if (!this.isRunning || this.client.state.state === "closed") return;
    this.#next.clear();
    this.#isAskedAgain = this.#asking !== undefined;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
      if (this.#isAskedAgain) this.ask();
    });
  }

  /** @internal */
  protected start(): void {
    this.#stopState = this.client.on("state", ({ state }) => {
      if (state === "ready") this.ask();
      if (state === "closed") this.close();
    });
    if (this.client.state.state === "ready") this.ask();
  }

  /** @internal */
  protected stop(): void {
    this.#stopState();
    this.#next.clear();
    this.#isAskedAgain = false;
    this.#failures = 0;
  }

  async #ask(): Promise<void> {
    try {
      await this.load(() => !this.isRunning);
      this.error = undefined;
      this.#failures = 0;
      this.askSoon(this.#everyMs);
    } catch (error) {
      this.error =
        error instanceof HubbubError ? error : new HubbubError("unexpected_answer", undefined, { cause: error });
      const delayMs = Math.max(backoffMs(this.#failures, Math.random()), this.error.retryAfterMs ?? 0);
      this.#failures += 1;
      this.askSoon(this.error.shouldRetry() ? delayMs : this.#everyMs);
    }
    this.changed();
  }
}
