import type { ClientFrame } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";

/** An answer that comes later, while the connection's next frames are handled. */
export interface Answer {
  readonly answered: Promise<void>;
}

/** The same for the frequent frame, without promises: `begin` is called once and at once, and its owner told once. */
export interface Errand {
  begin(owner: ErrandOwner): void;
}

export interface ErrandOwner {
  done(): void;
  failed(connection: Connection, frame: ClientFrame, error: unknown): void;
}

/** What a handler leaves to do: nothing, an answer to come, or work that the connection's next frame waits for. */
export type Outcome = undefined | Answer | Errand | Promise<Answer | Errand | undefined>;
