import type { UserId } from "@hubbub/protocol";

/** Seconds over which spending is added up, by the clock of the log. */
export const SPENDING_WINDOW_SECONDS = 4;

/** What users have spent over all processes, for limits that more processes must not multiply. */
export interface Spending {
  /** Adds to the present window, in one call for any number of users. `sums`: of each in the window, in their order. */
  add(
    spent: readonly { readonly user: UserId; readonly count: number }[],
  ): Promise<{ readonly leftMs: number; readonly sums: readonly number[] }>;
}
