/** Seconds over which spending is added up, by the clock of the log. */
export const SPENDING_WINDOW_SECONDS = 4;

/** What users, rooms and the cluster have spent in all processes, for limits that must not grow with the number of processes. */
export interface Spending {
  /** Adds to the present window, in one call for any number of keys. `sums`: the sum of each key in the window, in their order. */
  add(
    spent: readonly { readonly key: string; readonly count: number }[],
  ): Promise<{ readonly leftMs: number; readonly sums: readonly number[] }>;
}
