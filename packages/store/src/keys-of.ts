/**
 * The rows of a query as arrays, and these as rows. The planner expects ten of them, so it finds rows of large tables by
 * their keys; of a query it may expect thousands, and read whole tables for one.
 */
export function keysOf(query: string, columns: readonly string[]): string {
  const arrays = columns.map((column) => `array(select ${column} from ${query})`);
  return `unnest(${arrays.join(", ")}) as k (${columns.join(", ")})`;
}
