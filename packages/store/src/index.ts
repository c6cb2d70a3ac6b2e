export { createEmbeddedStore, createPostgresStore } from "./create-store.ts";
export type { EmbeddedOptions } from "./embedded.ts";
export { OlderNodesRun } from "./migrate.ts";
export { type ClusterNode, NODE_RENEW_MS, type Nodes } from "./nodes.ts";
export type { PostgresOptions } from "./postgres.ts";
export {
  type Adoption,
  type AppendBatch,
  type Cluster,
  type DeadLetter,
  type Departure,
  type EmptiedRoom,
  type Events,
  type FollowedThread,
  type Lease,
  LeaseLost,
  type Members,
  type MessageStates,
  type RoomRecord,
  type Rooms,
  SchemaMismatch,
  type Shards,
  ShardsMismatch,
  type Store,
  type Threads,
  type WriterCommit,
} from "./store.ts";
export type { Rotation, Sessions, UserRecord, Users } from "./store-accounts.ts";
export type { AccountRecord, Accounts, MailCodes, NewMailCode, Profiles } from "./store-own-account.ts";
export type { AccessToken, Factors, Identity, Passkey, Signin, SigninStep } from "./store-signin.ts";
export { isUnavailable } from "./unavailable.ts";
