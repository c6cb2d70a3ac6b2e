import { readAuthorship, readEventHead } from "@hubbub/protocol";
import type { Database, Statement } from "./database.ts";
import { assertHeld, heldAs, offsetFence } from "./offset-fence.ts";
import type { AppendBatch, WriterCommit } from "./store.ts";

/** As `append`, with a dead letter always and a tombstone where the room and seq are known ($9 is not null). */
const deadLetterAs = (strength: WriterCommit): Statement => ({
  name: "events-dead-letter",
  text: `
    with ${heldAs(strength)}, kept as (
      insert into hubbub.dead_letters (shard, "offset", frame, error, room_id, event_id)
      select held.shard, $5::text, $6::text, $7::text, $9::uuid, $8::text from held
    ), marked as (
      insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id)
      select $9::uuid, $10::bigint, $11::bigint, $12::bigint, 'tombstone', $13::uuid, coalesce($8::text, 'lost-' || $10::text)
      from held where $9::uuid is not null
      on conflict do nothing
    )
    select shard from held`,
});

const DEAD_LETTER = { local: deadLetterAs("local"), on: deadLetterAs("on") };

/** The author when it cannot be read: an id that no user has. */
const NOBODY = "00000000-0000-7000-8000-000000000000";

/** Keeps an entry that cannot be a row. Its body may be the reason, so only head and authorship are read. */
export async function deadLetter(
  database: Database,
  strength: WriterCommit,
  { lease, offset }: Omit<AppendBatch, "events">,
  entry: { readonly offset: string; readonly frame: string; readonly error: string },
): Promise<void> {
  const head = readEventHead(entry.frame);
  const authorship = readAuthorship(entry.frame);
  const letter = [entry.offset, storable(entry.frame), storable(entry.error), authorship?.id ?? null];
  const tombstone = [head?.room ?? null, head?.seq ?? null, head?.epoch ?? null, head?.at ?? null];
  const author = authorship?.user ?? NOBODY;
  const held = await database.run(DEAD_LETTER[strength], [
    ...offsetFence(lease, offset),
    ...letter,
    ...tombstone,
    author,
  ]);
  assertHeld(held, lease);
}

/** Postgres' text holds no U+0000, which is one of the reasons for a dead letter. */
function storable(text: string): string {
  return text.replaceAll("\u0000", "\\u0000").toWellFormed();
}
