import { z } from "zod";
import { event } from "./event.ts";
import { UUID_PATTERN } from "./ids.ts";
import { limitHit } from "./limit-hit.ts";
import {
  FILE_NAME_MAX_LENGTH,
  PAGE_DEFAULT,
  PAGE_MAX,
  PASSWORD_MAX_LENGTH,
  PASSWORD_MIN_LENGTH,
  ROOM_NAME_MAX_LENGTH,
  ROOM_TOPIC_MAX_LENGTH,
} from "./limits.ts";
import { role, roomSettings } from "./room-settings.ts";
import {
  content,
  email,
  emoji,
  epoch,
  eventId,
  fileId,
  fileInfo,
  hasContent,
  messageText,
  NO_CONTENT,
  publicUser,
  roomId,
  seq,
  sessionId,
  time,
  userId,
  username,
} from "./schemas.ts";
import { lineOf, nameOf, storableOf } from "./strings.ts";

/** Bodies and answers of the HTTP table in docs/protocol.md. */
export { type SearchPage, type SearchResult, searchPage, searchParameters, searchResult } from "./http-search.ts";

/** What sign-up takes, login takes: one schema. */
export const password = storableOf({ max: PASSWORD_MAX_LENGTH });
export const newPassword = storableOf({ min: PASSWORD_MIN_LENGTH, max: PASSWORD_MAX_LENGTH });

/**
 * Chosen by the client for one creation: a retry with the same id within ten minutes gets what the first call made. It has to
 * be secret and random: with a guest's id somebody else could enter as that guest.
 */
const creationId = z.string().regex(/^[A-Za-z0-9_-]{22,64}$/, "must be 22 to 64 random characters of [A-Za-z0-9_-]");

export const signupBody = z.strictObject({
  username,
  password: newPassword,
  email: email.optional(),
  id: creationId.optional(),
});
/** A name that no account can have is simply a wrong credential. */
export const loginBody = z.strictObject({ username: storableOf({ max: 256 }), password });
export const guestBody = z.strictObject({ name: username.optional(), id: creationId.optional() });
export const changePasswordBody = z.strictObject({ currentPassword: password, newPassword });
export const refreshBody = z.strictObject({ refreshToken: z.string().min(1).max(256) });

/** `expiresIn`: seconds until the access token ends. */
export const tokens = z.object({
  user: publicUser,
  accessToken: z.string(),
  refreshToken: z.string(),
  expiresIn: z.int(),
});
export type Tokens = z.output<typeof tokens>;

export const me = z.object({ user: publicUser, sessionId });

/** One login. `address`: where its last login or refresh came from (of IPv6 the /64). `agent`: what its client said of itself. */
export const sessionInfo = z.object({
  id: sessionId,
  createdAt: time,
  usedAt: time,
  address: z.string().optional(),
  agent: z.string().optional(),
  current: z.boolean(),
});
export type SessionInfo = z.output<typeof sessionInfo>;
/** `others`: all but this one. */
export const endSessionsQuery = z.strictObject({ others: z.enum(["true", "false"]).optional() });
export const sessionList = z.object({ sessions: z.array(sessionInfo) });

/** `direct`: a conversation of a fixed set of users, without a name. */
export const visibility = z.enum(["public", "private", "direct"]);
export type Visibility = z.output<typeof visibility>;

const roomTopic = lineOf(ROOM_TOPIC_MAX_LENGTH);
const roomName = nameOf(ROOM_NAME_MAX_LENGTH);
/** `id`: the client's own for this creation. The same again answers the same room: a retry opens no second one. */
export const createRoomBody = z.strictObject({
  id: eventId.optional(),
  name: roomName,
  visibility: visibility.exclude(["direct"]),
  topic: roomTopic.optional(),
});
/** `settings` replaces all settings but `archived`, which has a route of its own. */
export const changeRoomBody = z
  .strictObject({
    name: roomName.optional(),
    topic: roomTopic.optional(),
    settings: z.strictObject(roomSettings.omit({ archived: true }).shape).optional(),
  })
  .refine((body) => Object.keys(body).length > 0, "give name, topic or settings")
  .meta({ minProperties: 1 });
/** `close`: the last member closes the room by leaving it. */
export const leaveRoomQuery = z.strictObject({ close: z.enum(["true", "false"]).optional() });
/** `head`: seq of the newest event, 0 in an empty room. `role`: null for a user that is not a member. */
export const room = z.object({
  id: roomId,
  name: z.string(),
  visibility,
  topic: z.string(),
  head: seq,
  role: role.nullable(),
  settings: roomSettings.optional(),
});
export type Room = z.output<typeof room>;

const UUID = UUID_PATTERN.source.slice(1, -1);
const CURSOR_MAX_LENGTH = 4_096;
/** Empty: from the beginning. Clients take a cursor as it comes; its form is here so that the document says what is refused. */
const cursorOf = (pattern: string) =>
  z
    .string()
    .max(CURSOR_MAX_LENGTH)
    .regex(new RegExp(`^(${pattern})?$`), "must be a cursor of an earlier page");
export const listRoomsQuery = z.strictObject({
  joined: z.enum(["true", "false"]).optional(),
  /** Part of the name. */
  query: storableOf({ max: ROOM_NAME_MAX_LENGTH }).optional(),
  /** The whole name, whatever its case. */
  name: storableOf({ max: ROOM_NAME_MAX_LENGTH }).optional(),
  cursor: cursorOf(`${UUID}[A-Za-z0-9_-]*`).optional(),
});
/** A page of a search may hold few rooms or none and still have a cursor: only without one there are no more. */
export const roomPage = z.object({ rooms: z.array(room), cursor: z.string().optional() });

/** An owner brings somebody into a private room. */
export const addMemberBody = z.strictObject({ username });
export const setRoleBody = z.strictObject({ role });
export const listMembersQuery = z.strictObject({ cursor: cursorOf(UUID).optional() });
export const member = z.object({ user: publicUser, role, online: z.boolean() });
export type Member = z.output<typeof member>;
export const memberPage = z.object({ members: z.array(member), cursor: z.string().optional() });

export const seqText = z
  .string()
  .regex(/^\d{1,15}$/, "must be a seq")
  .transform(Number);
/** `before` and `after` together: what is between them, from `after` on. */
export const historyQuery = z.strictObject({
  before: seqText.optional(),
  after: seqText.optional(),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, `must be 1 to ${PAGE_MAX}`)
    .transform((text) => Math.min(Math.max(Number(text), 1), PAGE_MAX))
    .prefault(String(PAGE_DEFAULT)),
});
/** What later events have made of a message. Absent fields: nothing. `users`: at most 100 of `count`, the caller always among them if one of them. */
export const stateOfMessage = z.object({
  seq,
  text: z.string().optional(),
  edited: z.object({ seq, at: time, count: z.int() }).optional(),
  deleted: z.literal(true).optional(),
  pinned: z.literal(true).optional(),
  reactions: z.array(z.object({ emoji: z.string(), count: z.int(), users: z.array(userId) })).optional(),
  replies: z.object({ count: z.int(), last: seq }).optional(),
});
export type StateOfMessage = z.output<typeof stateOfMessage>;

/**
 * Events by rising seq. `states`: of the messages of the page that later events up to `statesUpTo` have changed. `head`: the
 * newest seq of the room, committed or not. `partial`: the log is away, so this is what is committed and no more; the
 * newest events, which were acked a moment before, may not be here yet. A page is bounded in bytes too, so it may hold fewer events than its limit. `cursor`: there may be more; give it as `before` (or `after`, where
 * `after` was given) to go on.
 */
export const historyPage = z.object({
  messages: z.array(event),
  states: z.array(stateOfMessage).optional(),
  statesUpTo: seq.optional(),
  head: seq,
  epoch,
  cursor: seq.optional(),
  partial: z.literal(true).optional(),
});
export type HistoryPage = z.output<typeof historyPage>;

/** Messages by rising seq with their states: see `historyPage`. They are committed. */
export const messageList = historyPage.pick({ messages: true, states: true, statesUpTo: true, cursor: true });
export type MessageList = z.output<typeof messageList>;
export const threadQuery = z.strictObject({ after: seqText.optional() });
/** `following` is absent where the caller has neither followed nor unfollowed the thread: a reply or a mention follows it then. */
export const threadList = messageList.extend({ following: z.boolean().optional() });
export type ThreadList = z.output<typeof threadList>;
/** The texts of a message by rising seq: as it was sent, and its edits. */
export const revisionList = z.object({ revisions: z.array(z.object({ seq, at: time, text: z.string() })) });
/**
 * `count`: of replies. `last`, `at`: seq and time of the newest. `unread`: replies of others after the caller's mark and
 * newest own reply, at most 100.
 */
export const followedThread = z.object({ room: roomId, seq, count: z.int(), last: seq, at: time, unread: z.int() });
export type FollowedThread = z.output<typeof followedThread>;
export const threadPage = z.object({ threads: z.array(followedThread), cursor: z.string().optional() });
export type ThreadPage = z.output<typeof threadPage>;
/** Time, room and seq. */
const placeCursor = cursorOf(`\\d{1,15}_${UUID}_\\d{1,15}`);
export const threadPageQuery = z.strictObject({ cursor: placeCursor.optional() });

/** `id`: of the event, by which a repeated request is recognised. */
export const changeQuery = z.strictObject({ id: eventId });
export const messageInRoom = z.object({ id: roomId, seq: seqText });
export const reactionInMessage = messageInRoom.extend({ emoji });
export const editMessageBody = z.strictObject({ id: eventId, text: messageText, baseSeq: seq.optional() });
export const postMessageBody = z
  .strictObject({
    id: eventId,
    ...content,
    replyTo: seq.optional(),
    thread: seq.optional(),
    broadcast: z.literal(true).optional(),
  })
  .refine(hasContent, NO_CONTENT)
  .meta({ anyOf: [{ properties: { text: { minLength: 1 } } }, { required: ["files"] }] });
export const postedMessage = z.object({ seq, epoch, at: time, duplicate: z.literal(true).optional() });

/** `id`: the client's own for this upload. The same again answers the same file. `name`: what people shall see and save it under. */
export const uploadQuery = z.strictObject({ id: eventId, name: storableOf({ min: 1, max: FILE_NAME_MAX_LENGTH }) });
export const file = fileInfo.extend({ room: roomId });
export type UploadedFile = z.output<typeof file>;
export const thumbnailSize = z.enum(["small", "large"]);
export type ThumbnailSize = z.output<typeof thumbnailSize>;
const LINK_MAX_LENGTH = 256;
/** `link`: out of a `FileLink`, where no `Authorization` header can be sent. */
const link = z.string().max(LINK_MAX_LENGTH).optional();
export const downloadQuery = z.strictObject({ link });
export const thumbnailQuery = z.strictObject({ size: thumbnailSize, link });
const LINKS_MAX = 100;
export const fileLinksBody = z.strictObject({ files: z.array(fileId).min(1).max(LINKS_MAX) });
/** Paths on this server that work until `expiresAt`, for the caller alone. `thumbnails`: of pictures. */
export const fileLink = z.object({
  file: fileId,
  url: z.string(),
  thumbnails: z.object({ small: z.string(), large: z.string() }).optional(),
});
export type FileLink = z.output<typeof fileLink>;
export const fileLinks = z.object({ links: z.array(fileLink), expiresAt: time });
export type FileLinks = z.output<typeof fileLinks>;

/** One gateway as the cluster sees it. `id`: what its clients know it by. `build`: its version. `seenAt`: Unix ms of its last sign of life. */
export const node = z.object({
  node: z.string(),
  id: z.string().optional(),
  build: z.string().optional(),
  zone: z.string().optional(),
  connections: z.int(),
  rooms: z.int(),
  startedAt: time,
  seenAt: time,
});
export type NodeInfo = z.output<typeof node>;
export const nodePage = z.object({ nodes: z.array(node) });

/**
 * The password was right, and one of `methods` is asked for too: `POST /auth/second-factor` with the `ticket`, within
 * `expiresInMs`.
 */
export const secondFactor = z.object({
  ticket: z.string(),
  methods: z.array(z.enum(["totp", "passkey", "recovery"])),
  expiresInMs: z.int(),
});
export type SecondFactor = z.output<typeof secondFactor>;

/** An `application/problem+json` answer (RFC 9457). */
export const problem = z.object({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  retryAfterMs: z.int().optional(),
  /** Of a `conflict`: the present text of the message, and the event that it is from. */
  current: z.object({ seq, text: z.string() }).optional(),
  limit: limitHit.optional(),
  /** With `second_factor_required`. */
  secondFactor: secondFactor.optional(),
});
export type Problem = z.output<typeof problem>;
