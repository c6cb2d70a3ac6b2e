export { createEmbeddedStore, createPostgresStore, type EmbeddedStore } from "./create-store.ts";
export type { EmbeddedDatabase, EmbeddedOptions } from "./embedded.ts";
export { isPostgresUrl, POSTGRES_URL_FORMS } from "./hosts.ts";
export { OlderNodesRun } from "./migrate.ts";
export { MigrationHeld } from "./migrate-locked.ts";
export { NODE_RENEW_MS } from "./nodes.ts";
export type { PostgresOptions } from "./postgres.ts";
export {
  type Adoption,
  type AfterAppend,
  type AppendBatch,
  type Cluster,
  type DeadLetter,
  type EmptiedRoom,
  type Events,
  type Lease,
  LeaseLost,
  type Mentioned,
  type MessageStates,
  type MovedEvent,
  SchemaMismatch,
  type Shards,
  ShardsMismatch,
  type Store,
  type StoredEvent,
  type WriterCommit,
} from "./store.ts";
export type { Rotation, Sessions, UserRecord, Users } from "./store-accounts.ts";
export type { Admin, AdminRoom, AdminUser, Suspension } from "./store-admin.ts";
export type { Acting, Actor, Audit, AuditAct, AuditActName, AuditFilter, AuditRecord } from "./store-audit.ts";
export type { Bot, Bots, IncomingHook } from "./store-bots.ts";
export type { ChainEnd, Chains } from "./store-chains.ts";
export type { ErasureRecord, ErasureRoom, Erasures, OpenErasure } from "./store-erasures.ts";
export type {
  ExportContents,
  ExportFault,
  ExportLease,
  ExportRecord,
  ExportSection,
  Exports,
  OpenExport,
} from "./store-exports.ts";
export type { MinuteStats, ProcessFigures } from "./store-figures.ts";
export {
  type FileQuotas,
  type FileRecord,
  type Files,
  type NewFile,
  toFileInfo,
  type UnsentFile,
} from "./store-files.ts";
export type { FlowLease, Flows, RoomModel, StandingQuery, WantedQuery } from "./store-flows.ts";
export type { ClusterNode, Moves, NodeNews, NodeOrders, NodeRecord, Nodes } from "./store-nodes.ts";
export type { AccountRecord, Accounts, MailCodes, NewMailCode, Profiles } from "./store-own-account.ts";
export type { ReportFilter, ReportRecord, Reports } from "./store-reports.ts";
export {
  type BanRecord,
  type Bans,
  type Blocks,
  type Departure,
  type InviteRecord,
  type Invites,
  type Members,
  ROOM_KEPT_MS,
  type RoomRecord,
  type Rooms,
  type WayIn,
} from "./store-rooms.ts";
export {
  type Document,
  type Found,
  type FoundMessage,
  type MessageKey,
  type PresentMessage,
  SEARCH_FLAGS,
  type Search,
  type SearchBounds,
  type SearchFilter,
  type SearchIndex,
  type SearchPlace,
} from "./store-search.ts";
export type { AccessToken, Factors, Identity, Passkey, Signin, SigninStep } from "./store-signin.ts";
export type { NewTask, TaskBounds, TaskEnd, TaskLease, TaskRecord, Tasks } from "./store-tasks.ts";
export type { EventKey, FollowedThread, SentChange, Threads } from "./store-threads.ts";
export type {
  NotificationLevel,
  Person,
  ReadMark,
  RoomPreferences,
  RoomState,
  StateQuery,
  Status,
  Statuses,
  StatusShown,
  Unread,
  UserState,
} from "./store-unread.ts";
export type { UntoldChange, UntoldChanges } from "./store-untold.ts";
export { isUnavailable } from "./unavailable.ts";
export { zonesOf } from "./zones-of.ts";
