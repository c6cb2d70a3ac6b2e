import { type MessageState, type RoomId, UNCHANGED, type UserId } from "@hubbub/protocol";
import type { Database, Statement } from "./database.ts";
import type { MessageStates } from "./store.ts";

/** One row for each message that was changed, and one for the newest stored seq, from one snapshot. */
export const STATES: Statement = {
  name: "message-states",
  text: `
    select
      s.seq, s.text, s.edited_seq, s.edited_at, s.edits, s.deleted_seq, s.pinned_seq, s.reply_count, s.last_reply_seq,
      (
        select jsonb_agg(jsonb_build_array(r.emoji, r.users) order by r.since)
        from (
          select emoji, jsonb_agg(user_id order by added_seq) as users, min(added_seq) as since
          from hubbub.reactions where room_id = $1 and seq = s.seq group by emoji
        ) r
      ) as reactions,
      null::bigint as head
    from hubbub.message_state s where s.room_id = $1 and s.seq = any($2::bigint[])
    union all
    select null, null, null, null, null, null, null, null, null, null,
      coalesce((select seq from hubbub.events where room_id = $1 order by seq desc limit 1), 0)`,
};

interface StateRow {
  readonly seq: number | null;
  readonly text: string | null;
  readonly edited_seq: number | null;
  readonly edited_at: number | null;
  readonly edits: number;
  readonly deleted_seq: number | null;
  readonly pinned_seq: number | null;
  readonly reply_count: number;
  readonly last_reply_seq: number | null;
  readonly reactions: readonly [string, readonly UserId[]][] | null;
  readonly head: number | null;
}

export async function readStates(database: Database, room: RoomId, seqs: readonly number[]): Promise<MessageStates> {
  const rows = await database.run<StateRow>(STATES, [room, seqs]);
  const states = new Map(rows.flatMap((row) => (row.seq === null ? [] : [[row.seq, toState(row)] as const])));
  return { states, head: rows.find(({ head }) => head !== null)?.head ?? 0 };
}

function toState(row: StateRow): MessageState {
  const { text, edited_seq: seq, edited_at: at, edits: count, last_reply_seq: last } = row;
  return {
    ...UNCHANGED,
    text: text ?? undefined,
    edited: seq === null || at === null ? undefined : { seq, at, count },
    isDeleted: row.deleted_seq !== null,
    isPinned: row.pinned_seq !== null,
    reactions: new Map(row.reactions?.map(([emoji, users]) => [emoji, new Set(users)]) ?? []),
    replies: last === null ? undefined : { count: row.reply_count, last },
  };
}
