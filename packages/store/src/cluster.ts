import { type Database, type Statement, single } from "./database.ts";
import { type Adoption, type Cluster, ShardsMismatch } from "./store.ts";

/** The row of the first process stays. A second process that starts at the same time waits for it and finds it. */
const CLAIM_SHARDS: Statement = {
  name: "cluster-claim",
  text: "update hubbub.cluster set shards = $1 where shards is null",
};

const CLUSTER: Statement = { name: "cluster", text: "select generation, shards from hubbub.cluster" };

const WRITERS_ALIVE: Statement = {
  name: "adopt-writers",
  text: "select owner from hubbub.writers where expires_at > clock_timestamp() order by owner",
};

/** Far above every number that was given out before the restore. 2^53 has room for nine million such jumps. */
const FLOOR_STEP = 1_000_000_000;
const EPOCH_STEP = 1_000;
const EPOCH_CHANCE = 2 ** 20;
const TOKEN_STEP = 1_000_000;

/** One statement, so one transaction. Each part reads the state from before the statement. */
const ADOPT: Statement = {
  name: "adopt",
  text: `
    with generation as (
      update hubbub.cluster set
        generation = greatest(generation, $1::int) + 1, adopted_at = clock_timestamp(), reason = $2
      returning generation
    ), begun as (
      update hubbub.rooms set
        epoch = epoch + ${EPOCH_STEP} + floor(random() * ${EPOCH_CHANCE})::bigint,
        epoch_floor = greatest(
          epoch_floor, (select coalesce(max(seq), 0) from hubbub.events where room_id = rooms.id)
        ) + ${FLOOR_STEP}
      where epoch > 0
      returning id, epoch, epoch_floor
    ), recorded as (
      insert into hubbub.room_epochs (room_id, epoch, head) select id, epoch, epoch_floor from begun returning 1
    ), fenced as (
      update hubbub.shards set
        token = token + ${TOKEN_STEP}, "offset" = '', owner = null, expires_at = clock_timestamp()
      returning 1
    ), ended as (
      update hubbub.sessions set revoked_at = clock_timestamp() where revoked_at is null and not $3::boolean returning 1
    ), untold as (
      update hubbub.sessions set told_at = null where revoked_at is not null and told_at is not null
    )
    select generation,
      (select count(*) from recorded) as rooms,
      (select count(*) from ended) as sessions
    from generation`,
};

export function createCluster(database: Database): Cluster {
  return {
    async agree(shards) {
      await database.run(CLAIM_SHARDS, [shards]);
      const row = single(await database.run<{ generation: number; shards: number }>(CLUSTER, []));
      if (row.shards !== shards) throw new ShardsMismatch(row.shards, shards);
      return { generation: row.generation };
    },

    async generation() {
      return single(await database.run<{ generation: number }>(CLUSTER, [])).generation;
    },

    async writersAlive() {
      const rows = await database.run<{ owner: string }>(WRITERS_ALIVE, []);
      return rows.map(({ owner }) => owner);
    },

    async adopt({ reason, keepSessions, above }) {
      return single(await database.run<Adoption>(ADOPT, [above, reason, keepSessions]));
    },
  };
}
