export { ANNOUNCEMENTS_NAME, ANNOUNCEMENTS_ROOM, ANNOUNCEMENTS_SETTINGS } from "./announcements.ts";
export { isBot, newBotId, withBadge } from "./bots.ts";
export { CHAIN_START, type ChainEntry, chainFaults, commitmentOf, linkOf, partsOf } from "./chain.ts";
export type { ClientFrame, ClientFrameOf } from "./client-frame.ts";
export { CLOSE, type CloseCode, isReconnectable } from "./close-codes.ts";
export { authorOf, DERIVED_SETTINGS, derivedRoomId, isDerivedRoom, QUERIES_AUTHOR } from "./derived-rooms.ts";
export { type CurrentText, ERRORS, type ErrorCode, isRetryable, ProtocolError } from "./error-codes.ts";
export type { EventBody, EventKind, RoomEvent } from "./event.ts";
export {
  type EventHead,
  encodeDurable,
  encodeEventBody,
  encodeEventHead,
  encodeMessageBody,
  isEventFrame,
  peekDurable,
  peekEventHead,
  readAuthorship,
  readEventHead,
} from "./event-head.ts";
export type {
  FileLink,
  FileLinks,
  FollowedThread,
  HistoryPage,
  Member,
  MessageList,
  NodeInfo,
  Problem,
  Room,
  SearchPage,
  SearchResult,
  SecondFactor,
  SessionInfo,
  StateOfMessage,
  ThreadList,
  ThreadPage,
  ThumbnailSize,
  Tokens,
  UploadedFile,
  Visibility,
} from "./http.ts";
export type { AccountInfo, Profile, ProfileChange, PublicProfile } from "./http-accounts.ts";
export type { BotInfo, HookInfo, NewHook } from "./http-bots.ts";
export type { RoomChain } from "./http-chain.ts";
export type { DataExport, DataExportLink } from "./http-exports.ts";
export type {
  AuditEntry,
  AuditPage,
  Ban,
  Invitation,
  Invite,
  InvitePreview,
  Report,
  ReportPage,
} from "./http-moderation.ts";
export type { ZoneState } from "./http-operators.ts";
export type {
  AccessTokenInfo,
  IdentityInfo,
  NewAccessToken,
  PasskeyInfo,
  ScopedAccess,
  SecondFactorStatus,
  SigninMethods,
  SocketTicket,
} from "./http-signin.ts";
export type { DataBody, FilterCheck, RoomModelInfo, WatchInfo } from "./http-streams.ts";
export type { TaskBody, TaskInfo } from "./http-tasks.ts";
export type { Draft, Person, Preferences, RoomState, StatePage } from "./http-unread.ts";
export {
  type EventId,
  type ExportId,
  type FileId,
  isUuid,
  newId,
  type RoomId,
  type SessionId,
  type TaskId,
  type UserId,
} from "./ids.ts";
export type { LimitHit, LimitInfo, Penalty } from "./limit-hit.ts";
export {
  BODY_MAX_BYTES,
  DEDUPE_WINDOW_MS,
  DIRECT_USERS_MAX,
  FILES_PER_MESSAGE,
  FRAME_MAX_BYTES,
  HELLO_TIMEOUT_MS,
  PAGE_DEFAULT,
  PAGE_MAX,
  PASSWORD_MAX_LENGTH,
  PASSWORD_MIN_LENGTH,
  PAYLOAD_MAX_BYTES,
  PRESENCE_MAX,
  SUBSCRIBE_MAX,
  TEXT_MAX_BYTES,
} from "./limits.ts";
export { MENTIONS_MAX, type Mentions, parseMentions, splitAtMentions } from "./mentions.ts";
export { applyChange, type MessageState, targetOf, UNCHANGED } from "./message-state.ts";
export { encodeMovedBody } from "./moved-body.ts";
export {
  GUEST_PREFIX,
  isGuestName,
  isReservedName,
  MENTION_WORDS,
  RESERVED_NAMES,
  skeletonOf,
  usernameKey,
} from "./names.ts";
export { NODE_STATES, type NodeState, ZONE_NAME, ZONE_NAME_FORM } from "./node-states.ts";
export {
  OVERRIDABLE,
  type Overrides,
  outranks,
  PERMISSIONS,
  type Permission,
  permits,
  ROLES,
  type Role,
} from "./permissions.ts";
export type { PersonalFrame } from "./personal-frame.ts";
export { rateLimited } from "./rate-limited.ts";
export { REPORT_REASONS, type ReportReason, type ReportState } from "./reports.ts";
export type { RoomSettings } from "./room-settings.ts";
export type { ExportState, FileInfo, PublicUser } from "./schemas.ts";
export {
  ACCESS_TOKEN_PREFIX,
  FRAME_SCOPES,
  isAllowed,
  ROUTE_SCOPES,
  SCOPES,
  type Scope,
  scopeOfRoute,
} from "./scopes.ts";
export { type Operand, parseSearch, type SearchQuery, SearchQueryError } from "./search-query.ts";
export type { GapFrame, Limits, ServerFrame, ServerFrameOf } from "./server-frame.ts";
export { SERVER_ROLES, type ServerRole } from "./server-roles.ts";
export { allows, isOrdinary, ORDINARY_STANDINGS, requirePermission, type Standing, standingsWith } from "./standing.ts";
export { TASK_NAMES, type TaskName } from "./task-names.ts";
export { harmlessJson, isStorable, isTextWithin, TERMINAL_CONTROLS, textBytes } from "./text.ts";
export { HTTP_PREFIX, PROTOCOL_VERSION, SUBPROTOCOL, WEBSOCKET_PATH } from "./version.ts";
