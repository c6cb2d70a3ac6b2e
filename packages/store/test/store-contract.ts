import { describe } from "vitest";
import { accountsContract } from "./contract/accounts.ts";
import { administrationContract } from "./contract/administration.ts";
import { auditContract } from "./contract/audit.ts";
import { clusterContract } from "./contract/cluster.ts";
import { deadLettersContract } from "./contract/dead-letters.ts";
import { deletedFilesContract } from "./contract/deleted-files.ts";
import { eventsContract } from "./contract/events.ts";
import { filesContract } from "./contract/files.ts";
import type { GetStore } from "./contract/fixtures.ts";
import { membersContract } from "./contract/members.ts";
import { messageStatesContract } from "./contract/message-states.ts";
import { moderationContract } from "./contract/moderation.ts";
import { moveContract } from "./contract/move.ts";
import { movedEventsContract } from "./contract/moved-events.ts";
import { reportsContract } from "./contract/reports.ts";
import { roomsContract } from "./contract/rooms.ts";
import { sessionsContract } from "./contract/sessions.ts";
import { shardsContract } from "./contract/shards.ts";
import { signinContract } from "./contract/signin.ts";
import { unreadContract } from "./contract/unread.ts";
import { untoldChangesContract } from "./contract/untold-changes.ts";
import { usersContract } from "./contract/users.ts";

/** What every store must do, whichever driver it stands on. */
export function storeContract(getStore: GetStore): void {
  describe("users", () => usersContract(getStore));
  describe("sessions", () => sessionsContract(getStore));
  describe("signin", () => signinContract(getStore));
  describe("accounts", () => accountsContract(getStore));
  describe("rooms", () => roomsContract(getStore));
  describe("members", () => membersContract(getStore));
  describe("events", () => eventsContract(getStore));
  describe("message states", () => messageStatesContract(getStore));
  describe("moved events", () => movedEventsContract(getStore));
  describe("moved events beside the projection", () => moveContract(getStore));
  describe("unread", () => unreadContract(getStore));
  describe("dead letters", () => deadLettersContract(getStore));
  describe("files", () => filesContract(getStore));
  describe("files of deleted messages", () => deletedFilesContract(getStore));
  describe("moderation", () => moderationContract(getStore));
  describe("untold changes", () => untoldChangesContract(getStore));
  describe("administration", () => administrationContract(getStore));
  describe("audit", () => auditContract(getStore));
  describe("reports", () => reportsContract(getStore));
  describe("shards", () => shardsContract(getStore));
  describe("cluster", () => clusterContract(getStore));
}
