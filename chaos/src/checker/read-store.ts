import { Client } from "pg";
import type { History } from "./history.ts";
import { digestOf } from "./records.ts";

/** Rows in one read. */
const PAGE_ROWS = 5_000;

const ROWS = `
  select seq, epoch, event_id as id, user_id as "user", kind, text from hubbub.events
  where room_id = $1 and seq > $2 order by seq limit $3`;
const LETTERS = `
  select id as number, room_id as room, event_id as id from hubbub.dead_letters
  where id > $1 and room_id = any($2) and event_id is not null order by id limit $3`;

interface StoredEvent {
  /** `bigint`, which the driver leaves as text. */
  readonly seq: string;
  readonly epoch: number;
  readonly id: string;
  readonly user: string;
  readonly kind: string;
  readonly text: string | null;
}

interface Letter {
  readonly number: string;
  readonly room: string;
  readonly id: string;
}

/** Adds every row and dead letter of these rooms to the history. Call it after the last write. */
export async function readStore(url: string, rooms: readonly string[], history: History): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    for (const room of rooms) await readRows(client, room, history);
    await readLetters(client, rooms, history);
  } finally {
    await client.end();
  }
}

async function readRows(client: Client, room: string, history: History): Promise<void> {
  for (let after = 0; ; ) {
    const { rows } = await client.query<StoredEvent>(ROWS, [room, after, PAGE_ROWS]);
    for (const { seq, epoch, id, user, kind, text } of rows) {
      after = Number(seq);
      const digest = text === null ? 0 : digestOf(text);
      history.add({ type: "stored", room, seq: after, epoch, id, user, kind, digest });
    }
    if (rows.length < PAGE_ROWS) return;
  }
}

async function readLetters(client: Client, rooms: readonly string[], history: History): Promise<void> {
  for (let after = "0"; ; ) {
    const { rows } = await client.query<Letter>(LETTERS, [after, rooms, PAGE_ROWS]);
    for (const { number, room, id } of rows) {
      after = number;
      history.add({ type: "buried", room, id });
    }
    if (rows.length < PAGE_ROWS) return;
  }
}
