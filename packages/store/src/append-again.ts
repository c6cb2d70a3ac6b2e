import type { Database, Statement } from "./database.ts";
import { isTaken } from "./is-taken.ts";

/**
 * Inserts a batch whose rows are new, as far as anybody knows. If one of them is stored already, because its log came back,
 * Postgres refuses the whole statement, with its offset. Then `skipping` stores the batch: it leaves such rows as they are.
 *
 * `on conflict` in every batch would cost Postgres a tenth more CPU: it then looks each key up before it inserts it.
 */
export async function insertNew<Row extends object>(
  database: Database,
  [insert, skipping]: readonly [insert: Statement, skipping: Statement],
  values: readonly unknown[],
): Promise<readonly Row[]> {
  try {
    return await database.run<Row>(insert, values);
  } catch (error) {
    if (!isTaken(error)) throw error;
    return await database.run<Row>(skipping, values);
  }
}
