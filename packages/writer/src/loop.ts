/** Something that goes round until it is done. */
export interface Round {
  readonly isDone: boolean;
  step(): Promise<void>;
  /** Decides what an error of `step` means, waits if a retry can cure it, and rethrows what is a bug. */
  recover(error: unknown): Promise<void>;
}

/** The one place where the writer catches. */
export async function loop(round: Round): Promise<void> {
  while (!round.isDone) {
    try {
      await round.step();
    } catch (error) {
      await round.recover(error);
    }
  }
}
