import { DERIVED_SETTINGS, ProtocolError, type RoomId } from "@hubbub/protocol";
import { and, eq, gt, inArray, sql } from "drizzle-orm";
import { writeAudit } from "./audit.ts";
import { type Database, type Handle, type Statement, single } from "./database.ts";
import { isMissing, migrated } from "./nodes.ts";
import { rooms } from "./schema.ts";
import { flowSources, roomModels, standingQueries } from "./schema-flows.ts";
import type { FlowLease, Flows, RoomModel, StandingQuery, WantedQuery } from "./store-flows.ts";

const DERIVED_NAME = "watch";
const DEADLINE = (ttlMs: string) => `clock_timestamp() + ${ttlMs}::int * interval '1 millisecond'`;

/** Two processes that look at the same time take different sources. Those with the fewest queries come first. */
const ACQUIRE: Statement = {
  name: "flows-acquire",
  text: `
    with free as (
      select f.room_id from hubbub.flow_sources f
      where (f.owner is null or f.expires_at <= clock_timestamp()) and exists (
        select from hubbub.standing_queries q where q.source_id = f.room_id and q.wanted_until > now()
      )
      limit $2::int for update skip locked
    ), due as (
      select room_id from (
        select c.room_id, sum(c.queries) over (order by c.queries, c.room_id) as total from (
          select free.room_id, count(*) as queries
          from free join hubbub.standing_queries q on q.source_id = free.room_id and q.wanted_until > now()
          group by free.room_id
        ) c
      ) t where total <= $4::int
    )
    update hubbub.flow_sources f set owner = $1, token = f.token + 1, expires_at = ${DEADLINE("$3")}
    from due where f.room_id = due.room_id
    returning f.room_id as source, f.token, f.seq`,
};
const RENEW: Statement = {
  name: "flows-renew",
  text: `
    update hubbub.flow_sources f set expires_at = ${DEADLINE("$5")}, seq = greatest(f.seq, lease.seq)
    from unnest($2::uuid[], $3::bigint[], $4::bigint[]) as lease (room_id, token, seq)
    where f.room_id = lease.room_id and f.token = lease.token and f.owner = $1
    returning f.room_id as source`,
};
const RELEASE: Statement = {
  name: "flows-release",
  text: `
    update hubbub.flow_sources f set owner = null, expires_at = clock_timestamp(), seq = greatest(f.seq, lease.seq)
    from unnest($2::uuid[], $3::bigint[], $4::bigint[]) as lease (room_id, token, seq)
    where f.room_id = lease.room_id and f.token = lease.token and f.owner = $1`,
};
/** Whole sources, in the order that they are named in, as long as all their queries fit. */
const QUERIES_OF: Statement = {
  name: "flows-queries",
  text: `
    with counted as (
      select source_id, sum(count(*)) over (order by array_position($1::uuid[], source_id)) as total
      from hubbub.standing_queries where source_id = any($1::uuid[]) and wanted_until > now() group by source_id
    )
    select q.room_id as room, q.source_id as source, q.model_version as "modelVersion", q.filter, q.since_seq as since,
      q.told_seq as told
    from counted c join hubbub.standing_queries q on q.source_id = c.source_id and q.wanted_until > now()
    where c.total <= $2::int`,
};
/** A closed room stays to be erased with what it holds. */
const FORGET: Statement = {
  name: "flows-forget",
  text: `
    with old as (
      select room_id from hubbub.standing_queries where wanted_until < $1 limit $2 for update skip locked
    ), closed as (
      update hubbub.rooms set archived_at = now() where id in (select room_id from old) and archived_at is null
    ), gone as (
      delete from hubbub.standing_queries where room_id in (select room_id from old) returning 1
    )
    select count(*)::int as gone from gone`,
};

const COLUMNS = {
  room: standingQueries.roomId,
  source: standingQueries.sourceId,
  modelVersion: standingQueries.modelVersion,
  filter: standingQueries.filter,
  since: standingQueries.sinceSeq,
  told: standingQueries.toldSeq,
};

type QueryRow = Record<"room" | "source", string> & Omit<StandingQuery, "room" | "source">;

/** The compiler compares the columns with the fields; only ids are branded here. */
function toQuery({ room, source, ...rest }: QueryRow): StandingQuery {
  return { ...rest, room: room as RoomId, source: source as RoomId };
}

function toModel({ version, fields }: Pick<typeof roomModels.$inferSelect, "version" | "fields">): RoomModel {
  return { version, fields: fields as RoomModel["fields"] };
}

export function createFlows(database: Database): Flows {
  const flows = openFlows(database);
  const calls = Object.entries(flows).map(([name, call]: [string, (...all: never[]) => Promise<unknown>]) => [
    name,
    (...all: never[]) => migrated(call(...all), "standing queries"),
  ]);
  return Object.fromEntries(calls) as Flows;
}

function openFlows(database: Database): Flows {
  return {
    ...createModels(database),
    want: (query, max) => database.transaction((handle) => want(handle, query, max)),
    derivedOf: (source) => derivedOf(database, source),
    acquire: (owner, { sources, queries }, ttlMs) => database.run<FlowLease>(ACQUIRE, [owner, sources, ttlMs, queries]),
    async renew(owner, leases, ttlMs) {
      const kept = await database.run<{ source: RoomId }>(RENEW, [owner, ...columnsOf(leases), ttlMs]);
      return new Set(kept.map(({ source }) => source));
    },
    async release(owner, leases) {
      await database.run(RELEASE, [owner, ...columnsOf(leases)]);
    },
    queriesOf: (sources, max) => database.run<StandingQuery>(QUERIES_OF, [sources, max]),
    async told(room, since) {
      await database.query((handle) =>
        handle.update(standingQueries).set({ toldSeq: since }).where(eq(standingQueries.roomId, room)),
      );
    },
    async forget(before, limit) {
      return single(await database.run<{ gone: number }>(FORGET, [before, limit])).gone;
    },
  };
}

async function derivedOf(database: Database, source: RoomId): Promise<readonly RoomId[]> {
  try {
    const isOf = eq(standingQueries.sourceId, source);
    const found = await database.query((handle) =>
      handle.select({ room: standingQueries.roomId }).from(standingQueries).where(isOf),
    );
    return found.map(({ room }) => room as RoomId);
  } catch (error) {
    // Before the table there are no derived rooms.
    if (isMissing(error)) return [];
    throw error;
  }
}

function columnsOf(leases: readonly FlowLease[]) {
  return [leases.map(({ source }) => source), leases.map(({ token }) => token), leases.map(({ seq }) => seq)];
}

function createModels(database: Database): Pick<Flows, "model" | "models" | "setModel"> {
  const models: Flows["models"] = async (wanted) => {
    const columns = { room: roomModels.roomId, version: roomModels.version, fields: roomModels.fields };
    const rows = await database.query((handle) =>
      handle
        .select(columns)
        .from(roomModels)
        .where(inArray(roomModels.roomId, [...wanted])),
    );
    return new Map(rows.map(({ room, ...model }) => [room as RoomId, toModel(model)]));
  };
  return {
    models,
    model: async (room) => (await models([room])).get(room) ?? null,
    setModel: (room, fields, acting) =>
      database.transaction(async (handle) => {
        const isSame = sql`${roomModels.fields} = excluded.fields`;
        const version = sql<number>`${roomModels.version} + case when ${isSame} then 0 else 1 end`;
        const set = { fields: sql`excluded.fields`, version, updatedAt: sql`now()` };
        const stored = await handle
          .insert(roomModels)
          .values({ roomId: room, version: 1, fields })
          .onConflictDoUpdate({ target: roomModels.roomId, set })
          .returning({ version: roomModels.version, fields: roomModels.fields });
        const made = toModel(single(stored));
        await writeAudit(handle, { ...acting, act: "room_model", room, details: { version: made.version } });
        return made;
      }),
  };
}

/** The source's row is locked: two that ask at once are counted one after the other. */
async function want(handle: Handle, query: WantedQuery, max: number): Promise<StandingQuery> {
  const { room, source, hash, modelVersion, filter, since, wantedUntil } = query;
  await handle.insert(flowSources).values({ roomId: source, seq: since }).onConflictDoNothing();
  await handle.select({ id: flowSources.roomId }).from(flowSources).where(eq(flowSources.roomId, source)).for("update");
  const isWanted = sql<boolean>`${standingQueries.wantedUntil} > now()`;
  const known = { isWanted, until: standingQueries.wantedUntil, ...COLUMNS };
  const [found] = await handle.select(known).from(standingQueries).where(eq(standingQueries.hash, hash));
  if (found === undefined || !found.isWanted) await refuseTooMany(handle, source, max);
  if (found === undefined) {
    const shape = { name: DERIVED_NAME, nameKey: DERIVED_NAME, visibility: "private" as const, topic: "" };
    await handle
      .insert(rooms)
      .values({ id: room, ...shape, settings: DERIVED_SETTINGS })
      .onConflictDoUpdate({ target: rooms.id, set: { archivedAt: null } });
    const row = { roomId: room, sourceId: source, hash, modelVersion, filter, sinceSeq: since, wantedUntil };
    return toQuery(single(await handle.insert(standingQueries).values(row).returning(COLUMNS)));
  }
  const begins = found.isWanted ? {} : { sinceSeq: since, toldSeq: null };
  const renewed = await handle
    .update(standingQueries)
    .set({
      wantedUntil: sql`greatest(${standingQueries.wantedUntil}, ${wantedUntil.toISOString()}::timestamptz)`,
      ...begins,
    })
    .where(eq(standingQueries.hash, hash))
    .returning(COLUMNS);
  return toQuery(single(renewed));
}

async function refuseTooMany(handle: Handle, source: RoomId, max: number): Promise<void> {
  const isOther = and(eq(standingQueries.sourceId, source), gt(standingQueries.wantedUntil, sql`now()`));
  const [counted] = await handle.select({ count: sql<number>`count(*)::int` }).from(standingQueries).where(isOther);
  if ((counted?.count ?? 0) >= max) throw new ProtocolError("too_many_queries");
}
