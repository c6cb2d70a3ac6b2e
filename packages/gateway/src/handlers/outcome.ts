/** An answer that comes later, while the connection's next frames are handled. */
export interface Answer {
  readonly answered: Promise<void>;
}

/** What a handler leaves to do: nothing, an answer to come, or work that the connection's next frame waits for. */
export type Outcome = undefined | Answer | Promise<Answer | undefined>;
