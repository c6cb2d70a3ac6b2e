import type { RoomHead } from "@hubbub/broker";
import { ProtocolError, type RoomId } from "@hubbub/protocol";
import { encodeEpoch, encodeGap } from "../connections/frames.ts";
import type { Position } from "../connections/subscription.ts";
import type { Joined, Start } from "../rooms/catch-up.ts";
import type { Hub } from "../rooms/hub.ts";
import type { Repairs } from "../rooms/repairs.ts";
import { Coalescer } from "./coalescer.ts";
import type { Fork, Lineage } from "./lineage.ts";

export interface LostPositionsOptions {
  readonly hub: Hub;
  readonly repairs: Repairs;
  readonly lineage: Lineage;
}

/** Where catch-ups begin for clients that are ahead of this gateway or of the log, or come from an abandoned branch of the room. */
export class LostPositions {
  readonly #options: LostPositionsOptions;
  /** Clients of one room that have seen more than this gateway share one lookup of its head. */
  readonly #heads: Coalescer<RoomId, RoomHead | null>;
  readonly #storedHeads: Coalescer<RoomId, RoomHead>;

  constructor(options: LostPositionsOptions) {
    const { hub } = options;
    this.#options = options;
    this.#heads = new Coalescer((id) => hub.head(id));
    this.#storedHeads = new Coalescer((id) => hub.storedHead(id));
  }

  /** @throws ProtocolError unavailable: the log or the store could not be read; overloaded */
  async startOf(joined: Joined, since: Position): Promise<Start> {
    const { live } = joined;
    if (since.seq > live.last || since.epoch > live.epoch) await this.#refresh(live.id, since);
    const here = { seq: live.last, epoch: live.toldEpoch };
    const isSame = since.epoch === live.epoch;
    const fork = isSame ? null : await this.#options.lineage.forkOf(live.id, since, here);
    const { last, toldEpoch } = live;
    if (fork !== null && fork.common <= last) return goBack(joined, since, fork);
    if (since.seq <= last) return { ...since, recovered: true };
    return goBack(joined, since, { common: last, from: { seq: last, epoch: toldEpoch } });
  }

  /**
   * Reads the head now and repairs up to it. If `seen` is ahead of the log too, the log has lost events, and the store may
   * have them.
   */
  async #refresh(id: RoomId, seen: Position): Promise<void> {
    const { hub, repairs } = this.#options;
    const room = hub.joined(id);
    const head = await this.#heads.ask(room.id);
    if (head) room.expect(head);
    if (!head || head.seq < seen.seq || head.epoch < seen.epoch) {
      const stored = await this.#storedHeads.ask(room.id);
      // Its epoch may be one that was begun and that the log does not use.
      if (!head || stored.seq > head.seq) room.expect(stored);
    }
    await repairs.finished(room);
    if (room.wanted > room.last) throw new ProtocolError("unavailable");
  }
}

/**
 * Tells the client which of its numbers are void (`gap`), and in which epoch the room goes on above which number. For an
 * epoch that never existed here it is unknown which events of the present branch the client has: those up to the start of
 * the present epoch are announced as missing too.
 */
function goBack({ connection, live }: Joined, since: Position, { common, from }: Fork): Start {
  const { id, last } = live;
  const start = { ...from, seq: Math.min(from.seq, last) };
  if (since.seq > common) connection.send(encodeGap(id, common + 1, since.seq, "epoch"));
  connection.send(encodeEpoch(id, from.epoch, common));
  if (start.seq > common) connection.send(encodeGap(id, common + 1, start.seq, "epoch"));
  return { ...start, recovered: Math.max(since.seq, start.seq) <= common };
}
