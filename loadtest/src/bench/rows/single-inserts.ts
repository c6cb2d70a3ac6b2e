import { Client } from "pg";

/** How history is stored without a writer: one INSERT, one transaction, one round trip for each message. */

const COLUMNS = ["room_id", "seq", "epoch", "at", "kind", "user_id", "event_id", "text", "reply_to", "target", "extra"];

export async function readEvents(databaseUrl: string, limit: number): Promise<unknown[][]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<unknown[]>({
    text: `select ${COLUMNS.join(", ")} from hubbub.events limit $1`,
    values: [limit],
    rowMode: "array",
  });
  await client.end();
  return rows;
}

/** Inserts until the rows or the time are used up; answers rows a second. */
export async function insertSingly(
  databaseUrl: string,
  rows: readonly (readonly unknown[])[],
  connections: number,
  durationMs: number,
): Promise<number> {
  const clients = Array.from({ length: connections }, () => new Client({ connectionString: databaseUrl }));
  await Promise.all(clients.map((client) => client.connect()));
  const statement = {
    name: "single-insert",
    text: `insert into hubbub.events (${COLUMNS.join(", ")}) values (${COLUMNS.map((_, at) => `$${at + 1}`).join(", ")})`,
  };
  let next = 0;
  const started = performance.now();
  const work = async (client: Client): Promise<void> => {
    while (next < rows.length && performance.now() - started < durationMs) {
      const values = rows[next++] ?? [];
      await client.query({ ...statement, values: [...values] });
    }
  };
  await Promise.all(clients.map(work));
  const seconds = (performance.now() - started) / 1_000;
  await Promise.all(clients.map((client) => client.end()));
  return next / seconds;
}
