import type { ClientFrame } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import type { PendingReply } from "./handler-result.ts";

/**
 * Counts the replies that come later, so that a gateway that leaves can wait for them. Bounded for each connection: by its
 * publishes in flight, its signals and its rooms.
 */
export class Replies {
  readonly #refuse: (connection: Connection, frame: ClientFrame, error: unknown) => void;
  #pending = 0;
  #whenSettled: (() => void)[] = [];

  /** `refuse` sends the error to the client. */
  constructor(refuse: (connection: Connection, frame: ClientFrame, error: unknown) => void) {
    this.#refuse = refuse;
  }

  /** Each call is followed by one of `end` and `fail`. */
  begin(): void {
    this.#pending += 1;
  }

  end(): void {
    this.#pending -= 1;
    if (this.#pending > 0) return;
    for (const resolve of this.#whenSettled.splice(0)) resolve();
  }

  fail(connection: Connection, frame: ClientFrame, error: unknown): void {
    this.#refuse(connection, frame, error);
    this.end();
  }

  /** Counts a reply until it settles. */
  expect(connection: Connection, frame: ClientFrame, { replied }: PendingReply): void {
    this.begin();
    replied.then(
      () => this.end(),
      (error: unknown) => this.fail(connection, frame, error),
    );
  }

  /** Resolves when no reply is pending. */
  settled(): Promise<void> {
    if (this.#pending === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenSettled.push(resolve);
    });
  }
}
