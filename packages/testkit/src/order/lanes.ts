export interface Lane<T> {
  readonly items: readonly T[];
  readonly secondsOf: (item: T) => number;
}

/** One queue for workers that each take the next item: those of one lane begin one after the other, the longest first. */
export function mergeLanes<T>(lanes: readonly Lane<T>[]): T[] {
  const started = lanes.flatMap(({ items, secondsOf }) => {
    const longestFirst = [...items].sort((one, other) => secondsOf(other) - secondsOf(one));
    let startsAt = 0;
    return longestFirst.map((item) => {
      const start = { item, startsAt };
      startsAt += secondsOf(item);
      return start;
    });
  });
  return started.sort((one, other) => one.startsAt - other.startsAt).map(({ item }) => item);
}
