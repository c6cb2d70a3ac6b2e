import type { ExportSection } from "./store-exports.ts";

type KeyType = "uuid" | "bigint" | "text";

/** Rows of one user, `$1`, in the order of `key`. `columns` is what a line of the file has. */
export interface SectionQuery extends ExportSection {
  readonly columns: string;
  readonly from: string;
  readonly where: string;
  readonly key: readonly (readonly [column: string, type: KeyType])[];
}

const USER: SectionQuery["key"] = [["u.id", "uuid"]];
const byId = (table: string): SectionQuery["key"] => [[`${table}.id`, "uuid"]];
const byRoom = (table: string): SectionQuery["key"] => [[`${table}.room_id`, "uuid"]];

/**
 * What users export besides their messages and files: a table with rows about users has a section here. Secrets are in none: no hashes of
 * passwords, tokens and codes, no keys. Other people are named by their ids, except where the user has named them.
 */
export const SECTIONS: readonly SectionQuery[] = [
  {
    name: "account",
    about: "your account and profile, and what you say of yourself",
    columns: `u.id, u.username, u.email, u.email_verified_at as "emailVerifiedAt", u.created_at as "createdAt",
      u.password_hash is null as "isGuest", p.display_name as "displayName", p.time_zone as "timeZone", p.about,
      p.avatar is not null as "hasAvatar", s.is_away as "isAway", s.emoji as "statusEmoji", s.text as "statusText", s.expires_at as "statusUntil",
      s.hides_last_seen as "hidesLastSeen"`,
    from: `hubbub.users u left join hubbub.profiles p on p.user_id = u.id left join hubbub.user_status s on s.user_id = u.id`,
    where: "u.id = $1",
    key: USER,
  },
  {
    name: "sessions",
    about: "your logins: when, from where, with which program, until when; token: the personal access token behind it",
    columns: `s.id, s.created_at as "createdAt", s.used_at as "usedAt", s.expires_at as "expiresAt",
      s.revoked_at as "endedAt", s.address, s.agent, t.token_id as token`,
    from: "hubbub.sessions s left join hubbub.token_sessions t on t.session_id = s.id",
    where: "s.user_id = $1",
    key: byId("s"),
  },
  {
    name: "tokens",
    about: "your personal access tokens, without their secrets",
    columns: `t.id, t.name, t.scopes, t.created_at as "createdAt", t.expires_at as "expiresAt", t.used_at as "usedAt"`,
    from: "hubbub.access_tokens t",
    where: "t.user_id = $1",
    key: byId("t"),
  },
  {
    name: "bots",
    about: "your bots",
    columns: `b.user_id as id, u.username, b.created_at as "createdAt"`,
    from: "hubbub.bots b join hubbub.users u on u.id = b.user_id",
    where: "b.owner_id = $1",
    key: [["b.user_id", "uuid"]],
  },
  {
    name: "hooks",
    about: "addresses that post into rooms as your bots, without their secrets",
    columns: `h.id, h.room_id as room, h.bot_id as bot, h.created_at as "createdAt", h.used_at as "usedAt"`,
    from: "hubbub.incoming_hooks h join hubbub.bots b on b.user_id = h.bot_id",
    where: "b.owner_id = $1",
    key: byId("h"),
  },
  {
    name: "factors",
    about: "your passkeys, authenticator app and recovery codes, without their secrets",
    columns: `f.kind, f.name, f.created_at as "createdAt", f.used_at as "usedAt"`,
    from: `(
      select user_id, 'totp' as kind, '' as id, null as name, created_at, confirmed_at as used_at from hubbub.totps
      union all select user_id, 'passkey', id, name, created_at, used_at from hubbub.passkeys
      union all select user_id, 'recovery-code', hash, null, null, used_at from hubbub.recovery_codes
    ) f`,
    where: "f.user_id = $1",
    key: [
      ["f.kind", "text"],
      ["f.id", "text"],
    ],
  },
  {
    name: "identities",
    about: "your accounts at login providers",
    columns: `i.issuer, i.subject, i.created_at as "createdAt", i.used_at as "usedAt"`,
    from: "hubbub.identities i",
    where: "i.user_id = $1",
    key: byId("i"),
  },
  {
    name: "mails",
    about: "mails with codes that were sent to you, until the codes expire",
    columns: `c.purpose, c.address, c.created_at as "createdAt", c.expires_at as "expiresAt", c.used_at as "usedAt"`,
    from: "hubbub.mail_codes c",
    where: "c.user_id = $1",
    key: [["c.hash", "text"]],
  },
  {
    name: "rooms",
    about: "rooms that you are in, or left, or were removed from; lastReadSeq: up to there you have read",
    columns: `m.room_id as room, r.name, r.topic, r.visibility, m.membership, m.role, m.joined_at as "joinedAt",
      m.left_at as "leftAt", m.muted_until as "mutedUntil", m.last_read_seq as "lastReadSeq",
      m.last_read_at as "lastReadAt", r.created_by is not distinct from $1 as "isCreator", r.archived_at as "closedAt"`,
    from: `(
      select room_id, user_id, 'member' as membership, role, joined_at, null::timestamptz as left_at, muted_until, last_read_seq,
        last_read_at
      from hubbub.members
      union all
      select room_id, user_id, case when is_removed then 'removed' else 'left' end, null, null, created_at, muted_until, null, null
      from hubbub.departures
    ) m join hubbub.rooms r on r.id = m.room_id`,
    where: "m.user_id = $1",
    key: byRoom("m"),
  },
  {
    name: "preferences",
    about: "what you chose for rooms: level of notifications, star",
    columns: `p.room_id as room, p.level, p.is_starred as "isStarred", p.changed_at as "changedAt"`,
    from: "hubbub.room_preferences p",
    where: "p.user_id = $1",
    key: byRoom("p"),
  },
  {
    name: "drafts",
    about: "what you typed into the boxes of rooms and have not sent",
    columns: `d.room_id as room, d.text, to_timestamp(d.at / 1000.0) as at`,
    from: "hubbub.drafts d",
    where: "d.user_id = $1 and d.text <> ''",
    key: byRoom("d"),
  },
  {
    name: "threads",
    about:
      "threads that you follow, or have unfollowed; seq: the first message; readUpTo: the newest reply that you have read",
    columns: `t.room_id as room, t.seq, t.is_following as "isFollowing", (to_jsonb(t)->>'read_seq')::bigint as "readUpTo"`,
    from: "hubbub.thread_follows t",
    where: "t.user_id = $1",
    key: [
      ["t.room_id", "uuid"],
      ["t.seq", "bigint"],
    ],
  },
  {
    name: "mentions",
    about: "messages of others that mention you by name: room, number, author, when",
    columns: `m.room_id as room, m.seq, m.by_id as by, to_timestamp(e.at / 1000.0) as at`,
    from: "hubbub.mentions m left join hubbub.events e on e.room_id = m.room_id and e.seq = m.seq",
    where: "m.user_id = $1",
    key: [
      ["m.room_id", "uuid"],
      ["m.seq", "bigint"],
    ],
  },
  {
    name: "blocks",
    about: "users that you have blocked",
    columns: `b.blocked_id as "user", u.username, b.created_at as "createdAt"`,
    from: "hubbub.blocks b join hubbub.users u on u.id = b.blocked_id",
    where: "b.user_id = $1",
    key: [["b.blocked_id", "uuid"]],
  },
  {
    name: "invites",
    about: "links into rooms that you made, without their codes",
    columns: `i.id, i.room_id as room, i.role, i.created_at as "createdAt", i.expires_at as "expiresAt", i.uses_left as "usesLeft"`,
    from: "hubbub.invites i",
    where: "i.by_id = $1",
    key: byId("i"),
  },
  {
    name: "invitations",
    about: "invitations into rooms, to you (user) or by you (by)",
    columns: `i.room_id as room, i.user_id as "user", i.by_id as by, i.created_at as "createdAt"`,
    from: "hubbub.invitations i",
    where: "(i.user_id = $1 or i.by_id = $1)",
    key: [
      ["i.room_id", "uuid"],
      ["i.user_id", "uuid"],
    ],
  },
  {
    name: "bans",
    about: "rooms that you may not be in",
    columns: `b.room_id as room, b.reason, b.created_at as "createdAt", b.until`,
    from: "hubbub.bans b",
    where: "b.user_id = $1",
    key: byRoom("b"),
  },
  {
    name: "files",
    about: "your files; path: where the content is in this archive; messageId: the message that has it",
    columns: `f.id, 'files/' || f.id || '-' || f.name as path, f.room_id as room, f.name, f.type, f.bytes, f.width,
      f.height, f.hash as sha256, f.created_at as "createdAt", f.event_id as "messageId"`,
    from: "hubbub.files f",
    where: "f.user_id = $1 and f.stored_at is not null and f.released_at is null",
    key: byId("f"),
  },
  {
    name: "reports",
    about: "messages that you have reported; message: its text as you reported it",
    columns: `x.id, x.room_id as room, x.seq, x.reason, x.text, x.message, x.created_at as "createdAt", x.state`,
    from: "hubbub.reports x",
    where: "x.reporter_id = $1",
    key: byId("x"),
  },
  {
    name: "audit",
    about: "what you did, and what was done to your account, as the server has noted it; address: of your own acts",
    columns: `a.id, a.at, a.act, a.room_id as room, a.seq, a.actor = ($1::uuid)::text as "isMine",
      case when a.actor = ($1::uuid)::text then a.address end as address`,
    from: "hubbub.audit a",
    where: "(a.actor = ($1::uuid)::text or a.subject_id = $1)",
    key: byId("a"),
  },
  {
    name: "exports",
    about: "exports that you have asked for, this one included",
    columns: `x.id, x.state, x.requested_at as "requestedAt", x.done_at as "doneAt", x.expires_at as "expiresAt"`,
    from: "hubbub.exports x",
    where: "x.user_id = $1",
    key: byId("x"),
  },
  {
    name: "tasks",
    about: "tasks that you have started in rooms, while their results are kept",
    columns: `t.id, t.room_id as room, t.name, t.args, t.state, t.created_at as "createdAt", t.finished_at as "finishedAt", t.result`,
    from: "hubbub.tasks t",
    where: "t.user_id = $1",
    key: byId("t"),
  },
];
