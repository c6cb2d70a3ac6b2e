import type { EventRates } from "@hubbub/broker";
import { type LimitHit, type LimitInfo, type Penalty, rateLimited, type UserId } from "@hubbub/protocol";

/** Refusals of a user that end a connection: as many seconds' worth of the frames of a connection. */
const CLOSE_SECONDS = 20;
/** Refusals are forgotten at this share of that number in a second. */
const FORGOTTEN_SHARE = 1 / 200;
/** Shares of that number at which a user is warned, slowed and muted. */
const WARNED_SHARE = 1 / 40;
const SLOWED_SHARE = 1 / 10;
const MUTED_SHARE = 1 / 4;
const MUTE_MS = 60_000;
/** What a publish of a slowed user counts as. */
const SLOWED_WEIGHT = 4;
/** Users with refusals that are remembered. At the bound the one whose last refusal is oldest is forgotten. */
const USERS_MAX = 10_000;

export type Level = Penalty | "closed";

/** Whether a refusal counts against its user. Other users may have used up the rate of a room or of the cluster. */
export function isOwnDoing(limit: LimitHit | undefined): boolean {
  return limit === undefined || !/^(room|cluster)_/.test(limit.name);
}

interface State {
  refusals: number;
  /** Monotonic ms of the last refusal. */
  at: number;
  level: Level | null;
  mutedUntil: number;
}

interface Options {
  readonly framesPerSecond: number;
  readonly rates: Pick<EventRates, "muteUntil">;
  /** A user has come to a higher level, or is muted again. */
  readonly onPenalty: (user: UserId, address: string, level: Level) => void;
}

/**
 * What happens to users who go on against refusals for a rate: they are warned, slowed, muted for a minute, and closed. Each
 * refusal counts one, and is forgotten with time. Of this gateway, but for the mute, which holds in the whole cluster.
 */
export class Penalties {
  readonly info: LimitInfo;
  readonly #max: number;
  readonly #options: Options;
  readonly #users = new Map<UserId, State>();

  constructor(options: Options) {
    this.#options = options;
    this.#max = options.framesPerSecond * CLOSE_SECONDS;
    this.info = { count: this.#max, seconds: 1 / FORGOTTEN_SHARE };
  }

  /** What one publish of the user counts as. @throws ProtocolError rate_limited: the user is muted */
  weightOf(user: UserId, now: number): number {
    const state = this.#users.size === 0 ? undefined : this.#users.get(user);
    if (state === undefined) return 1;
    const refusals = this.#refusalsOf(state, now);
    if (state.mutedUntil > now) {
      const left = Math.max(0, Math.floor(this.#max - refusals));
      throw rateLimited({ name: "user_refusals", ...this.info, left }, Math.ceil(state.mutedUntil - now), "muted");
    }
    return refusals >= this.#max * SLOWED_SHARE ? SLOWED_WEIGHT : 1;
  }

  /**
   * Counts a refusal. Returns what the user has come to. One for the rate of an address counts for the connection alone: others at
   * the address may have used it up, and could have the user muted everywhere.
   */
  refused(user: UserId, address: string, now: number, limit?: LimitHit): Level | null {
    if (limit?.name.startsWith("address_") === true) return null;
    const state = this.#users.get(user) ?? { refusals: 0, at: now, level: null, mutedUntil: 0 };
    state.refusals = Math.min(this.#max, this.#refusalsOf(state, now) + 1);
    state.at = now;
    this.#remember(user, state);
    const level = this.#levelOf(state, now);
    const isMutedAnew = level === "muted" && state.mutedUntil <= now;
    if (isMutedAnew) {
      state.mutedUntil = now + MUTE_MS;
      this.#options.rates.muteUntil(user, state.mutedUntil);
    }
    if (level !== null && (isMutedAnew || rankOf(level) > rankOf(state.level))) {
      this.#options.onPenalty(user, address, level);
    }
    state.level = level;
    return level;
  }

  /** The last one that was refused is the last of the map. */
  #remember(user: UserId, state: State): void {
    this.#users.delete(user);
    this.#users.set(user, state);
    const [oldest] = this.#users.size > USERS_MAX ? this.#users.keys() : [];
    if (oldest !== undefined) this.#users.delete(oldest);
  }

  #refusalsOf({ refusals, at }: State, now: number): number {
    return Math.max(0, refusals - ((now - at) / 1_000) * this.#max * FORGOTTEN_SHARE);
  }

  #levelOf({ refusals, mutedUntil }: State, now: number): Level | null {
    const share = refusals / this.#max;
    if (share >= 1) return "closed";
    if (share >= MUTED_SHARE || mutedUntil > now) return "muted";
    if (share >= SLOWED_SHARE) return "slowed";
    return share >= WARNED_SHARE ? "warned" : null;
  }
}

const LEVELS: readonly (Level | null)[] = [null, "warned", "slowed", "muted", "closed"];
const rankOf = (level: Level | null): number => LEVELS.indexOf(level);
