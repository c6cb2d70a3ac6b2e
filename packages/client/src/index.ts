export type {
  AccessTokenInfo,
  AccountInfo,
  AuditEntry,
  Ban,
  DataExport,
  DataExportLink,
  Draft,
  FileInfo,
  HistoryPage,
  IdentityInfo,
  Invitation,
  Invite,
  InvitePreview,
  Limits,
  Member,
  MessageList,
  MessageState,
  NewAccessToken,
  PasskeyInfo,
  Person,
  PersonalFrame,
  Preferences,
  Profile,
  ProfileChange,
  PublicProfile,
  PublicUser,
  Report,
  ReportReason,
  ReportState,
  Role,
  Room as RoomInfo,
  RoomChain,
  RoomEvent,
  RoomId,
  RoomSettings,
  RoomState,
  Scope,
  SecondFactor,
  SecondFactorStatus,
  SessionInfo,
  SigninMethods,
  SocketTicket,
  StatePage,
  ThreadList,
  ThreadPage,
  ThumbnailSize,
  Tokens,
  UploadedFile,
  UserId,
  Visibility,
} from "@hubbub/protocol";
export { HubbubAccount } from "./account.ts";
export { type Client, createClient } from "./client.ts";
export type { ClientNews, ClientOptions } from "./client-options.ts";
export type { ClientState, ClientStats } from "./client-state.ts";
export type { Head, HeadListener } from "./head-follower.ts";
export { type GetToken, type HistoryQuery, HubbubHttp, type Published, type RoomQuery } from "./http.ts";
export type { HttpAvatars } from "./http-avatars.ts";
export type { HttpBots } from "./http-bots.ts";
export type { ChainReport, HttpChains } from "./http-chains.ts";
export type { HttpExports } from "./http-exports.ts";
export type { HttpFiles, UploadContent, UploadOptions } from "./http-files.ts";
export type { HttpInvites, LinkWish } from "./http-invites.ts";
export type { ChangeOptions, HistoryAround, HttpMessages, Revision } from "./http-messages.ts";
export type { AuditQuery, HttpModeration } from "./http-moderation.ts";
export type { HttpRooms, SettingsOfRoom } from "./http-rooms.ts";
export type { HttpStreams } from "./http-streams.ts";
export type { HttpTasks } from "./http-tasks.ts";
export { HubbubError, type HubbubErrorCode } from "./hubbub-error.ts";
export type { MessageOptions } from "./message-options.ts";
export { type Message, type MessageEvent, Messages } from "./messages.ts";
export type { PendingMessage, Until } from "./outbox.ts";
export { type IndexedDbOutboxOptions, indexedDbOutbox } from "./outbox-indexeddb.ts";
export type { KeptEvent, OutboxBounds, OutboxStorage, RefusedEvent, UnsentEvent } from "./outbox-storage.ts";
export type { Room } from "./room.ts";
export type { PublishOptions, SendAgainOptions } from "./room-acts.ts";
export type { Position } from "./room-cursor.ts";
export type { Gap, Outcome, RoomListener } from "./room-listener.ts";
export { type StoredTokens, type TokenStorage, toStoredTokens } from "./session.ts";
export { HubbubSignin, type PasskeyAnswer, type PasskeyOptions, type Proof, personalToken } from "./signin.ts";
export { PORT_VERSION } from "./tabs/port-messages.ts";
export { serveTabs } from "./tabs/serve-tabs.ts";
export { sharedTransport } from "./tabs/shared-transport.ts";
export { parseTask, type TaskCommand } from "./task-command.ts";
export type { OpenTransport, Transport, TransportEvents } from "./transport.ts";
export { Typists } from "./typists.ts";
export { DraftBox } from "./views/draft-box.ts";
export { Presence } from "./views/presence.ts";
export { Timeline, type TimelineOptions, type TimelineSnapshot, type TimelineStatus } from "./views/timeline.ts";
export type {
  Delivery,
  TimelineGap,
  TimelineItem,
  TimelineMessage,
  TimelineNote,
} from "./views/timeline-items.ts";
export { Typing } from "./views/typing.ts";
export { Unread, type UnreadSnapshot } from "./views/unread.ts";
export { View } from "./views/view.ts";
