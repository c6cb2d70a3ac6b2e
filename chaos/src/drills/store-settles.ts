import { setTimeout as sleep } from "node:timers/promises";
import { query } from "@hubbub/testkit";

const lookMs = 250;
const stillMs = 1_000;

const heads = `
  select room_id as room, max(seq) as head, count(*) as rows from hubbub.events
  where room_id = any($1) group by room_id order by room_id`;

/**
 * Waits until the store has the newest event of every room and changes no more: a store that was set back gets older
 * events again too. At the deadline what is missing is for the checker to find.
 */
export async function storeSettles(url: string, newest: ReadonlyMap<string, number>, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let before = "";
  let stillSince = performance.now();
  while (performance.now() < deadline) {
    const rows = (await query(url, heads, [[...newest.keys()]])) as { room: string; head: string; rows: string }[];
    const now = JSON.stringify(rows);
    if (now !== before) stillSince = performance.now();
    before = now;
    const isComplete = rows.every(({ room, head }) => Number(head) >= (newest.get(room) ?? 0));
    if (isComplete && rows.length === newest.size && performance.now() - stillSince >= stillMs) return;
    await sleep(lookMs);
  }
}
