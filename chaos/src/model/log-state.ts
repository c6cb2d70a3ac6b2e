import type {
  AcceptRequest,
  AcceptResult,
  DurableMark,
  LogEntry,
  NumberedEvent,
  RoomHead,
  TailEvent,
} from "@hubbub/broker";
import { encodeEventHead, type RoomId } from "@hubbub/protocol";

/** What a run of the log server needs to know for one call. */
export interface LogBounds {
  readonly backlogMax: number;
  readonly tailEvents: number;
  /** Sabotage: what was sent again is not recognised. */
  readonly isForgetful?: boolean | undefined;
}

interface Room {
  epoch: number;
  seq: number;
  run: number;
  durable: number;
  tail: TailEvent[];
}

interface Numbers {
  readonly epoch: number;
  readonly seq: number;
  readonly at: number;
}

const BEGINNING = "0-0";

/**
 * The data of the room log with one shard, and what its scripts do to them: accept.lua, initialise.lua, marks.lua and
 * trim.lua, sentence by sentence. Offsets are `<run>.<born>/<ms>-<n>` as there. Two that were built by the same calls are equal.
 */
export class LogState {
  readonly #rooms = new Map<RoomId, Room>();
  readonly #once = new Map<string, Numbers>();
  #entries: { readonly n: number; readonly ms: number; readonly frame: string }[] = [];
  #born = "";
  #appended = 0;
  #committed = 0;
  #ms = 0;

  /** Answers, and the frames to publish. */
  accept(
    batch: readonly AcceptRequest[],
    { run, at, bounds }: { run: number; at: number; bounds: LogBounds },
  ): { results: AcceptResult[]; frames: { room: RoomId; frame: Buffer }[] } {
    const asked = new Map<RoomId, { seen: number; epoch: number }>();
    for (const { room, seen, epoch = 0 } of batch) {
      const known = asked.get(room);
      if (known === undefined) asked.set(room, { seen, epoch });
      else known.seen = Math.max(known.seen, seen);
    }
    // As they were before the batch: the answer holds for all events of a room.
    const refusals = new Map([...asked].map(([room, claim]) => [room, this.#refusal(room, run, claim)]));
    const frames: { room: RoomId; frame: Buffer }[] = [];
    const results = batch.map((request): AcceptResult => {
      const room = this.#rooms.get(request.room);
      const refusal = refusals.get(request.room) ?? null;
      if (refusal !== null || room === undefined) return refusal ?? { state: "uninitialised", head: 0 };
      const key = `${request.room}:${request.user}:${request.id}`;
      const earlier = this.#once.get(key);
      if (earlier !== undefined && bounds.isForgetful !== true) return { state: "duplicate", ...earlier };
      if (this.#appended - this.#committed >= bounds.backlogMax) return { state: "overloaded" };
      const frame = this.#take(request, room, at, bounds.tailEvents);
      const numbers = { epoch: room.epoch, seq: room.seq, at };
      this.#once.set(key, numbers);
      frames.push({ room: request.room, frame });
      return { state: "accepted", ...numbers };
    });
    return { results, frames };
  }

  initialise(
    id: RoomId,
    { run, epoch, head, seen, name }: { run: number; epoch: number; head: number; seen: number; name: string },
  ): RoomHead {
    if (this.#born === "") this.#born = name;
    const known = this.#rooms.get(id);
    if (known !== undefined && known.run === run && known.seq >= seen) return headOf(known);
    const newest = Math.max(known?.seq ?? 0, known?.tail.at(-1)?.seq ?? 0);
    const room: Room = {
      epoch: Math.max(epoch, (known?.epoch ?? -1) + 1),
      seq: Math.max(head, seen, newest),
      run,
      durable: known?.durable ?? 0,
      tail: known?.tail ?? [],
    };
    this.#rooms.set(id, room);
    return headOf(room);
  }

  remember(room: RoomId, events: readonly NumberedEvent[]): void {
    for (const { user, id, epoch, seq, at } of events) {
      const key = `${room}:${user}:${id}`;
      if (!this.#once.has(key)) this.#once.set(key, { epoch, seq, at });
    }
  }

  mark(marks: readonly DurableMark[]): void {
    for (const { room, seq } of marks) {
      const known = this.#rooms.get(room);
      if (known !== undefined) known.durable = Math.max(known.durable, seq);
    }
  }

  trim(committed: string, run: number, replayFromMs: number): void {
    const n = this.#numberOf(committed, run);
    if (n === null || n > this.#appended) return;
    this.#committed = Math.max(this.#committed, n);
    const ms = Number(committed.slice(committed.indexOf("/") + 1).split("-")[0]);
    const keepFrom = Math.min(replayFromMs, ms);
    this.#entries = this.#entries.filter((entry) => entry.ms >= keepFrom && (entry.n >= n || replayFromMs < ms));
  }

  heads(rooms: readonly RoomId[]): (RoomHead | null)[] {
    return rooms.map((room) => {
      const known = this.#rooms.get(room);
      return known === undefined ? null : headOf(known);
    });
  }

  tail(room: RoomId, after: number, limit: number): TailEvent[] {
    return (this.#rooms.get(room)?.tail ?? []).filter(({ seq }) => seq > after).slice(0, limit);
  }

  read(after: string, count: number, run: number): LogEntry[] {
    const from = this.#numberOf(after, run) ?? 0;
    const name = this.name(run);
    return this.#entries
      .filter(({ n }) => n > from)
      .slice(0, count)
      .map(({ n, ms, frame }) => ({ offset: `${name}/${ms}-${n}`, frame }));
  }

  lag(after: string, run: number): number {
    const n = this.#numberOf(after, run);
    return n === null ? this.#entries.length : Math.max(this.#appended - n, 0);
  }

  start(run: number): string {
    return `${this.name(run)}/${BEGINNING}`;
  }

  name(run: number): string {
    return `${run}.${this.#born}`;
  }

  #refusal(id: RoomId, run: number, claim: { seen: number; epoch: number }): AcceptResult | null {
    const room = this.#rooms.get(id);
    if (room === undefined || room.run !== run || room.seq < claim.seen) {
      return { state: "uninitialised", head: room?.seq ?? 0 };
    }
    return claim.epoch !== 0 && claim.epoch !== room.epoch ? { state: "restarted", epoch: room.epoch } : null;
  }

  #take({ room: id, body }: AcceptRequest, room: Room, at: number, tailEvents: number): Buffer {
    room.seq += 1;
    const text = encodeEventHead(id, room.epoch, room.seq, at) + body;
    const frame = Buffer.from(text);
    this.#appended += 1;
    this.#ms = Math.max(this.#ms, at);
    this.#entries.push({ n: this.#appended, ms: this.#ms, frame: text });
    room.tail.push({ seq: room.seq, frame });
    const keepFrom = Math.min(room.durable + 1, room.seq + 1 - tailEvents);
    room.tail = room.tail.filter(({ seq }) => seq >= keepFrom);
    return frame;
  }

  /** null: an offset of another log. */
  #numberOf(offset: string, run: number): number | null {
    const name = `${this.name(run)}/`;
    if (!offset.startsWith(name)) return null;
    return Number(offset.slice(offset.lastIndexOf("-") + 1));
  }
}

function headOf({ epoch, seq, durable }: Room): RoomHead {
  return { epoch, seq, durable };
}
