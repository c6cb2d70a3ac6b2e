import {
  type Accepted,
  createAcceptor,
  createRedisBroker,
  createRedisInspection,
  type LogInspection,
  shardOf,
} from "@hubbub/broker";
import {
  type EventBody,
  encodeEventBody,
  encodeMovedBody,
  ProtocolError,
  type RoomEvent,
  type RoomId,
} from "@hubbub/protocol";
import type { MovedEvent, Store } from "@hubbub/store";

export interface KeepLogOptions {
  readonly url: string;
  readonly prefix: string;
  readonly shards: number;
  /** Whose logs are read. */
  readonly from: readonly number[];
  /** In whose log the events are offered. */
  readonly to: number;
}

export interface KeptLog {
  readonly offered: number;
  /** Their rooms are not in the database. */
  readonly homeless: number;
}

/** Events in hand at once, each at most some 50 KiB. */
const PAGE_EVENTS = 500;
/** An acceptor keeps all that it has offered, for no writer runs yet. At most 200 MiB: less than it may keep. */
const PAGES_PER_OFFERING = 8;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** What was accepted once is not refused here; Redis had room for it in the log that it is read from. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/**
 * Offers what the logs of former generations hold and the database lacks in the log of the present one, under the same ids.
 * May be repeated: what was offered is recognised for ten minutes, and what is stored is not offered.
 * @throws BrokerUnavailable; what the store throws
 */
export async function keepLog(store: Store, options: KeepLogOptions): Promise<KeptLog> {
  const { from, to, ...where } = options;
  const kept = { offered: 0, homeless: 0 };
  for (const generation of from) {
    await using log = createRedisInspection({ ...where, generation, log: SILENT });
    for (let shard = 0; shard < log.shards; shard += 1) {
      const pages = eventsOf(log, shard);
      for (let isOver = false; !isOver; ) {
        await using offering = openOffering(store, { ...where, generation: to });
        isOver = await offerPages(store, offering, pages, kept);
      }
    }
  }
  return kept;
}

/** Counts in `kept`. True: there are no more pages. */
async function offerPages(
  store: Store,
  offering: Offering,
  pages: AsyncGenerator<RoomEvent[]>,
  kept: { offered: number; homeless: number },
): Promise<boolean> {
  for (let left = PAGES_PER_OFFERING; left > 0; left -= 1) {
    const page = await pages.next();
    if (page.done === true) return true;
    const stored = await seqsOf(store, page.value);
    const lacking = page.value.filter((event) => !stored.has(keyOf(event)));
    const taken = await Promise.all(lacking.map((event) => offering.offer(event)));
    const known = lacking.flatMap((event, at): [string, number][] => {
      const accepted = taken[at] ?? null;
      return accepted?.state === "duplicate" ? [[keyOf(event), accepted.seq]] : [];
    });
    await offering.tellMoved(page.value, new Map([...stored, ...known]));
    const homeless = taken.filter((accepted) => accepted === null).length;
    kept.offered += taken.length - homeless;
    kept.homeless += homeless;
  }
  return false;
}

async function* eventsOf(log: LogInspection, shard: number): AsyncGenerator<RoomEvent[]> {
  for (let after = ""; ; ) {
    const entries = await log.entries(shard, after, PAGE_EVENTS);
    const last = entries.at(-1);
    if (last === undefined) return;
    after = last.id;
    yield entries.map(({ frame }) => JSON.parse(frame) as RoomEvent);
  }
}

/** Of the events that are rows, by `keyOf`. */
async function seqsOf(store: Store, events: readonly RoomEvent[]): Promise<ReadonlyMap<string, number>> {
  const stored = new Map<string, number>();
  for (const room of new Set(events.map((event) => event.room))) {
    const ofRoom = events.filter((event) => event.room === room);
    const lowest = Math.min(...ofRoom.flatMap(({ seq, was = [] }) => [seq, ...was]));
    const keys = ofRoom.map(({ by, id }) => ({ user: by.id, id }));
    const rows = await store.events.stored(room, { after: lowest - 1 }, keys);
    for (const { user, id, seq } of rows) stored.set(keyOf({ room, by: { id: user }, id }), seq);
  }
  return stored;
}

interface Offering extends AsyncDisposable {
  /** null: its room is not in the database. */
  offer(event: RoomEvent): Promise<Accepted | null>;
  /** What was offered from an earlier log, or is stored, keeps the seq that `known` says, and had those of this log. */
  tellMoved(events: readonly RoomEvent[], known: ReadonlyMap<string, number>): Promise<void>;
}

function openOffering(
  store: Store,
  where: { readonly url: string; readonly prefix: string; readonly shards: number; readonly generation: number },
): Offering {
  const bounds = { backlogMaxEvents: UNBOUNDED, backlogMaxBytes: UNBOUNDED };
  const broker = createRedisBroker({ ...where, ...bounds, log: SILENT });
  const { rooms, shards, events } = store;
  const acceptor = createAcceptor({
    broker,
    beginEpoch: (...asked) => rooms.beginEpoch(...asked),
    fence: { seal: shards.seal, stored: events.stored, moved: events.moved },
  });
  return {
    async offer({ type: _type, room, epoch: _epoch, seq, at: _at, was = [], ...said }) {
      const body = encodeMovedBody(encodeEventBody(said as EventBody), [...was, seq]);
      try {
        return await acceptor.accept({ room, user: said.by.id, id: said.id, body });
      } catch (error) {
        if (error instanceof ProtocolError && error.code === "unknown_room") return null;
        throw error;
      }
    },
    async tellMoved(all, known) {
      const moved = new Map<number, MovedEvent[]>();
      for (const event of all) {
        const seq = known.get(keyOf(event)) ?? event.seq;
        if (seq === event.seq) continue;
        const was = [...(event.was ?? []), event.seq].filter((one) => one !== seq);
        const shard = shardOf(event.room, where.shards);
        moved.set(shard, [...(moved.get(shard) ?? []), { room: event.room, user: event.by.id, seq, was }]);
      }
      for (const [shard, ofShard] of moved) await events.moved(shard, ofShard);
    },
    async [Symbol.asyncDispose]() {
      await acceptor[Symbol.asyncDispose]();
      await broker[Symbol.asyncDispose]();
    },
  };
}

function keyOf({ room, by, id }: { room: RoomId; by: { id: string }; id: string }): string {
  return `${room} ${by.id} ${id}`;
}
