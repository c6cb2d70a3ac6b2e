import { createAccounts } from "./accounts.ts";
import { createAdmin } from "./admin.ts";
import { createAudit } from "./audit.ts";
import { createBans } from "./bans.ts";
import { createBlocks } from "./blocks.ts";
import { createBots } from "./bots.ts";
import { createChains } from "./chains.ts";
import { createCluster } from "./cluster.ts";
import type { Database } from "./database.ts";
import { type EmbeddedDatabase, type EmbeddedOptions, openEmbedded } from "./embedded.ts";
import { createErasures } from "./erasures.ts";
import { createEvents } from "./events.ts";
import { createExports } from "./exports.ts";
import { createFiles } from "./files.ts";
import { createFlows } from "./flows.ts";
import { createInvites } from "./invites.ts";
import { createMailCodes } from "./mail-codes.ts";
import { createMembers } from "./members.ts";
import { assertSchema } from "./migrations.ts";
import { createMinuteStats } from "./minute-stats.ts";
import { createNodes } from "./nodes.ts";
import { openPostgres, type PostgresOptions } from "./postgres.ts";
import { createProfiles } from "./profiles.ts";
import { createReports } from "./reports.ts";
import { createRooms } from "./rooms.ts";
import { createSearch } from "./search.ts";
import { createSearchIndex } from "./search-index.ts";
import { createSessions } from "./sessions.ts";
import { createShards } from "./shards.ts";
import { createSignin } from "./signin.ts";
import { createStatuses } from "./statuses.ts";
import type { Store, WriterCommit } from "./store.ts";
import { createTasks } from "./tasks.ts";
import { createThreads } from "./threads.ts";
import { createUnread } from "./unread.ts";
import { createUntoldChanges } from "./untold-changes.ts";
import { createUsers } from "./users.ts";

/** Connects with the first call. */
export function createPostgresStore(options: PostgresOptions): Store {
  return createStore(openPostgres(options), options.writerCommit);
}

/** Everything is in this process, so the process can copy it. */
export type EmbeddedStore = Store & Pick<EmbeddedDatabase, "dump">;

export async function createEmbeddedStore(options: EmbeddedOptions = {}): Promise<EmbeddedStore> {
  const database = await openEmbedded(options);
  return { ...createStore(database), dump: (facts) => database.dump(facts) };
}

const PING = { name: "ping", text: "select 1 as pong" };

function createStore(database: Database, writerCommit: WriterCommit = "local"): Store {
  return {
    users: createUsers(database),
    sessions: createSessions(database),
    signin: createSignin(database),
    accounts: createAccounts(database),
    profiles: createProfiles(database),
    mailCodes: createMailCodes(database),
    rooms: createRooms(database),
    members: createMembers(database),
    bans: createBans(database),
    invites: createInvites(database),
    blocks: createBlocks(database),
    untoldChanges: createUntoldChanges(database),
    events: createEvents(database, writerCommit),
    chains: createChains(database),
    erasures: createErasures(database),
    audit: createAudit(database),
    reports: createReports(database),
    exports: createExports(database),
    threads: createThreads(database),
    unread: createUnread(database),
    statuses: createStatuses(database),
    search: createSearch(database),
    searchIndex: createSearchIndex(database),
    flows: createFlows(database),
    bots: createBots(database),
    tasks: createTasks(database),
    files: createFiles(database),
    admin: createAdmin(database),
    shards: createShards(database),
    cluster: createCluster(database),
    nodes: createNodes(database),
    stats: createMinuteStats(database),
    migrate: () => database.migrate(),
    assertSchema: () => assertSchema(database),
    async ping() {
      await database.run(PING, []);
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}
