import { setTimeout as delay } from "node:timers/promises";
import type { RoomId } from "@hubbub/protocol";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";
import type { RoomLog } from "../roles/room-log.ts";
import type { Restarted, UndurableEvents } from "./undurable-events.ts";

/** Poll interval while events are kept. A lost room is found within this time and one round trip. */
const POLL_MS = 1_000;
/** Poll interval while a process that shuts down waits for the rest. */
const LEAVING_POLL_MS = 50;
/** Upper bound of that wait. The writer stores what is in the log without this process, unless the log is lost too. */
const LEAVING_MS = 2_000;
const HEADS_PER_CALL = 1_000;
/** Rooms recovered at once, so that a lost log does not take every connection to the store. */
const RECOVERIES_MAX = 8;

export interface DurabilityWatchOptions {
  readonly log: RoomLog;
  readonly undurable: UndurableEvents;
  readonly isRecovering: (room: RoomId) => boolean;
  /** Does not reject. */
  readonly recover: (room: RoomId, found: Restarted) => Promise<void>;
}

/** Compares the kept events with the heads of the log: drops durable events and finds lost rooms. Idle while no event is kept. */
export class DurabilityWatch {
  readonly #options: DurabilityWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: DurabilityWatchOptions) {
    this.#options = options;
  }

  /** No-op if already started. */
  start(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      // `poll` handles expected errors; any other rejection is a bug and ends the process.
      void this.poll().finally(() => {
        this.#timer = undefined;
        if (this.#options.undurable.events > 0) this.start();
      });
    }, POLL_MS);
    this.#timer.unref();
  }

  /** Resolves when no event is kept, at the deadline, or after `LEAVING_MS`. */
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
        await this.#options.recover(...one);
      }
    };
    await Promise.all(Array.from({ length: RECOVERIES_MAX }, next));
  }

  /** Rooms whose numbering is lost. None if the log cannot be reached; the next poll asks again. */
  async #compare(): Promise<[RoomId, Restarted][]> {
    const { log, undurable, isRecovering } = this.#options;
    const rooms = undurable.rooms;
    const found: [RoomId, Restarted][] = [];
    for (let at = 0; at < rooms.length; at += HEADS_PER_CALL) {
      const some = rooms.slice(at, at + HEADS_PER_CALL);
      // The answer may lack events that are accepted while it is under way.
      const before = some.map((room) => ({ epoch: undurable.epoch(room), highest: undurable.highest(room) }));
      const heads = await log.heads(some).catch(nothingWhileAway);
      for (const [index, head] of heads.entries()) {
        const [room, then] = [some[index], before[index]];
        if (room === undefined || then === undefined || isRecovering(room)) continue;
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
