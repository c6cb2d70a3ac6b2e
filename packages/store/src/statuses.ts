import type { UserId } from "@hubbub/protocol";
import { type Database, type Statement, single } from "./database.ts";
import type { Person, Status, Statuses } from "./store-unread.ts";

/** A status whose time is over is none. */
export const SHOWN = `
  case when s.expires_at is null or s.expires_at > now() then s.emoji end as emoji,
  case when s.expires_at is null or s.expires_at > now() then s.text end as text,
  case when s.expires_at > now() then (extract(epoch from s.expires_at) * 1000)::bigint end as until,
  coalesce(s.is_away, false) as away, coalesce(s.hides_last_seen, false) as hides`;

/** Nothing is written for "last seen": a session has the time of its last login or refresh. */
export const AMONG: Statement = {
  name: "statuses-among",
  text: `
    select
      asked.user_id as "user", ${SHOWN},
      case when not coalesce(s.hides_last_seen, false) then (
        select (extract(epoch from max(used_at)) * 1000)::bigint from hubbub.sessions where user_id = asked.user_id
      ) end as "lastSeen"
    from unnest($2::uuid[]) as asked (user_id)
    left join hubbub.user_status s on s.user_id = asked.user_id
    where asked.user_id = $1 or exists (
      select from hubbub.members own
      join hubbub.members other on other.room_id = own.room_id and other.user_id = asked.user_id
      where own.user_id = $1
    ) and not exists (select from hubbub.blocks where user_id = asked.user_id and blocked_id = $1)`,
};

const SET: Statement = {
  name: "status-set",
  text: `
    insert into hubbub.user_status as s (user_id, is_away, hides_last_seen, emoji, text, expires_at)
    values ($1, coalesce($2, false), coalesce($3, false), $5, $6, to_timestamp($7::bigint / 1000.0))
    on conflict (user_id) do update set
      is_away = coalesce($2, s.is_away), hides_last_seen = coalesce($3, s.hides_last_seen),
      emoji = case when $4 then excluded.emoji else s.emoji end,
      text = case when $4 then excluded.text else s.text end,
      expires_at = case when $4 then excluded.expires_at else s.expires_at end
    returning ${SHOWN}`,
};

interface Row {
  readonly emoji: string | null;
  readonly text: string | null;
  readonly until: number | null;
  readonly away: boolean;
  readonly hides: boolean;
}

export function createStatuses(database: Database): Statuses {
  return {
    async among(viewer, users) {
      const rows = await database.run<Row & { user: UserId; lastSeen: number | null }>(AMONG, [viewer, users]);
      return rows.map((row): Person => ({ ...toStatus(row), user: row.user, lastSeen: row.lastSeen ?? undefined }));
    },
    async set(user, { isAway, hidesLastSeen, status }) {
      const { emoji = null, text = null, until = null } = status ?? {};
      const values = [user, isAway ?? null, hidesLastSeen ?? null, status !== undefined, emoji, text, until];
      return toStatus(single(await database.run<Row>(SET, values)));
    },
  };
}

function toStatus({ emoji, text, until, away, hides }: Row): Status {
  return {
    isAway: away,
    emoji: emoji ?? undefined,
    text: text ?? undefined,
    until: until ?? undefined,
    hidesLastSeen: hides,
  };
}
