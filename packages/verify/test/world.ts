import { createAcceptor, createRedisBroker, createRedisInspection, EPOCH_JUMP, shardOf } from "@hubbub/broker";
import { type EventBody, type EventId, encodeEventBody, newId, type PublicUser, type RoomId } from "@hubbub/protocol";
import { createLogger, createMetrics } from "@hubbub/runtime";
import { createPostgresStore } from "@hubbub/store";
import { openPostgres } from "@hubbub/store/sql";
import { createTestDatabase } from "@hubbub/testkit";
import { createWriter } from "@hubbub/writer";
import { Redis } from "ioredis";
import pg from "pg";
import { inject, onTestFinished, vi } from "vitest";
import { createAudit } from "../src/audit.ts";
import { Authors } from "../src/authors.ts";
import type { Sources } from "../src/room-look.ts";

type WithoutAuthor<Body> = Body extends unknown ? Omit<Body, "by" | "id"> : never;
type Told = WithoutAuthor<EventBody>;

const SHARDS = 2;
const log = createLogger({ level: "silent", node: "test" });

/** A Redis and a Postgres of a test's own, with what a cluster has between them, until the test is over. */
export async function openWorld() {
  const prefix = `verify-${newId()}:`;
  const database = await createTestDatabase(inject("postgresUrl"));
  onTestFinished(() => database[Symbol.asyncDispose]());
  const { url } = database;
  const store = createPostgresStore({ url, poolMax: 4, statementTimeoutMs: 5_000, applicationName: "verify-test" });
  onTestFinished(() => store[Symbol.asyncDispose]());
  await store.migrate();
  const redisUrl = inject("redisUrl");
  const broker = createRedisBroker({ url: redisUrl, prefix, shards: SHARDS, log, backlogMaxEvents: 10_000 });
  onTestFinished(() => broker[Symbol.asyncDispose]());
  const { rooms, events, shards } = store;
  const acceptor = createAcceptor({
    broker,
    beginEpoch: (room, seen, jump) => rooms.beginEpoch(room, seen, jump),
    fence: { seal: shards.seal, stored: events.stored, moved: events.moved },
  });
  onTestFinished(() => acceptor[Symbol.asyncDispose]());
  const audit = createAudit(
    openPostgres({ url, poolMax: 2, statementTimeoutMs: 5_000, applicationName: "verify-test" }),
  );
  onTestFinished(() => audit[Symbol.asyncDispose]());
  const inspection = createRedisInspection({ url: redisUrl, prefix, shards: SHARDS, log });
  onTestFinished(() => inspection[Symbol.asyncDispose]());
  const redis = new Redis(redisUrl);
  onTestFinished(() => redis.disconnect());
  const sources: Sources = { audit, log: inspection, epochJump: EPOCH_JUMP, authors: new Authors(audit), againMs: 10 };
  const key = (name: string, room: RoomId) => `${prefix}{s${shardOf(room, SHARDS)}}:${name}`;
  const sql = await connect(url);
  const ask = async (text: string, ...values: unknown[]) => (await sql.query(text, values)).rows;

  async function tell(by: PublicUser, room: RoomId, bodies: readonly Told[]): Promise<void> {
    const accepting = bodies.map((body) => {
      const id = newId<EventId>();
      return acceptor.accept({ room, user: by.id, id, body: encodeEventBody({ ...body, by, id } as EventBody) });
    });
    await Promise.all(accepting);
  }

  async function say(by: PublicUser, room: RoomId, texts: readonly string[]): Promise<void> {
    await tell(
      by,
      room,
      texts.map((text) => ({ kind: "message", text })),
    );
  }

  /** Until everything of the room is stored and told to be durable; then the writer leaves. */
  async function commit(room: RoomId): Promise<void> {
    const settings = { WRITER_LEASE_MS: 1_000, BATCH_GATHER_MAX_MS: 0, MARK_INTERVAL_MS: 0 };
    const writer = createWriter({ broker, store, owner: newId(), metrics: createMetrics(), log, settings });
    await vi.waitFor(
      async () => {
        const head = await inspection.head(room);
        if (head === null || head.durable < head.seq) throw new Error("not durable yet");
      },
      { timeout: 8_000 },
    );
    await writer.drain(AbortSignal.timeout(2_000));
    await writer.stop();
  }

  return {
    sources,
    redis,
    ask,
    say,
    tell,
    commit,
    headKey: (room: RoomId) => key(`head:${room}`, room),
    logKey: (room: RoomId) => key("log", room),
    url,
    tailKey: (room: RoomId) => key(`tail:${room}`, room),
    createUser: () => store.users.create({ username: `u${newId().slice(-12)}`, passwordHash: null }),
    /** A room of a user with this many events, all of them stored. */
    async settledRoom(count = 30): Promise<{ room: RoomId; owner: PublicUser }> {
      const owner = await store.users.create({ username: `u${newId().slice(-12)}`, passwordHash: null });
      const { id } = await rooms.create({ name: newId(), visibility: "public", topic: "", createdBy: owner.id });
      await say(
        owner,
        id,
        Array.from({ length: count }, (_none, at) => `text ${at + 1}`),
      );
      await commit(id);
      return { room: id, owner };
    },
    /** The numbering is of another run of Redis, as after a restart; nothing is lost. */
    async beginEpoch(room: RoomId): Promise<void> {
      await redis.hset(key(`head:${room}`, room), "run", "another");
    },
    /** All that this world has in Redis is lost. */
    async flush(): Promise<void> {
      await redis.del(await redis.keys(`${prefix}*`));
    },
    /** As time does it: the room has no tail any more, and the log has let go what is committed. */
    async growOld(room: RoomId): Promise<void> {
      await redis.del(key(`tail:${room}`, room));
      await redis.xtrim(key("log", room), "MAXLEN", 0);
    },
  };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  // A database that is dropped ends its connections.
  client.on("error", () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}
