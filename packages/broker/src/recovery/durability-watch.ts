import { setTimeout as delay } from "node:timers/promises";
import type { RoomId } from "@hubbub/protocol";
import type { Broker } from "../roles/broker.ts";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";
import type { Restarted, UndurableEvents } from "./undurable-events.ts";

/** How often heads are compared while anything is kept. A lost room is found within this and one answer of the log. */
const POLL_MS = 1_000;
/** … and while a process that leaves waits for the rest. */
const LEAVING_POLL_MS = 50;
/** How long it waits at most: what is in the log is written without it, unless the log is lost as well. */
const LEAVING_MS = 2_000;
const HEADS_PER_CALL = 1_000;
/** Rooms brought over at once, so that a lost log does not take every connection to the store. */
const RESTARTS_MAX = 8;

export interface DurabilityWatchOptions {
  readonly broker: Pick<Broker, "heads">;
  readonly undurable: UndurableEvents;
  /** The room is being brought over already. */
  readonly isRestarting: (room: RoomId) => boolean;
  /** Brings a room over; does not reject. */
  readonly restart: (room: RoomId, found: Restarted) => Promise<void>;
}

/** Compares what is kept with the heads of the log, as long as anything is: lets go what is durable, finds what was lost. */
export class DurabilityWatch {
  readonly #options: DurabilityWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: DurabilityWatchOptions) {
    this.#options = options;
  }

  /** Costs nothing while it is on. */
  start(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      // `poll` owns its errors; what else it rejects with is a bug and ends the process.
      void this.poll().finally(() => {
        this.#timer = undefined;
        if (this.#options.undurable.events > 0) this.start();
      });
    }, POLL_MS);
    this.#timer.unref();
  }

  /** Until nothing is kept, the deadline, or `LEAVING_MS`. */
  async drain(deadline: AbortSignal): Promise<void> {
    const until = performance.now() + LEAVING_MS;
    while (this.#options.undurable.events > 0 && !deadline.aborted && performance.now() < until) {
      await this.poll();
      if (this.#options.undurable.events > 0) await delay(LEAVING_POLL_MS);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#polling;
  }

  async poll(): Promise<void> {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = undefined;
    });
    await this.#polling;
  }

  async #poll(): Promise<void> {
    const found = await this.#compare();
    const next = async (): Promise<void> => {
      for (let one = found.shift(); one !== undefined && !this.#isClosed; one = found.shift()) {
        await this.#options.restart(...one);
      }
    };
    await Promise.all(Array.from({ length: RESTARTS_MAX }, next));
  }

  /** Rooms that are not as they were; none when the log cannot be reached, as the next look asks again. */
  async #compare(): Promise<[RoomId, Restarted][]> {
    const { broker, undurable, isRestarting } = this.#options;
    const rooms = undurable.rooms;
    const found: [RoomId, Restarted][] = [];
    for (let at = 0; at < rooms.length; at += HEADS_PER_CALL) {
      const some = rooms.slice(at, at + HEADS_PER_CALL);
      // What is accepted while the question is under way may be missing in its answer.
      const before = some.map((room) => ({ epoch: undurable.epoch(room), highest: undurable.highest(room) }));
      const heads = await broker.heads(some).catch(nothingWhileAway);
      for (const [index, head] of heads.entries()) {
        const [room, then] = [some[index], before[index]];
        if (room === undefined || then === undefined || isRestarting(room)) continue;
        const restarted = undurable.compare(room, head, then);
        if (restarted !== null) found.push([room, restarted]);
      }
    }
    return found;
  }
}

function nothingWhileAway(error: unknown): readonly never[] {
  if (error instanceof BrokerUnavailable) return [];
  throw error;
}
