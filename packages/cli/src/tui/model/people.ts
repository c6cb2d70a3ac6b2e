import { HubbubError, type HubbubHttp, type Member, type Person } from "@hubbub/client";
import { PRESENCE_MAX } from "@hubbub/protocol";

/** Presence is asked for again so often while the room is looked at. */
const REFRESH_MS = 60_000;
/** Several that come and go at once cost one request. */
const SETTLE_MS = 1_000;

export interface Present {
  readonly name: string;
  readonly role: Member["role"];
  readonly presence: "online" | "away" | "offline";
  readonly status: string;
}

/** The members of the room that is looked at: the first page, and who of them is there. */
export class People {
  readonly #http: Pick<HubbubHttp, "members" | "presence">;
  readonly #changed: () => void;
  #room: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #present: readonly Present[] = [];
  /** There are more than are shown. */
  hasMore = false;

  constructor(http: Pick<HubbubHttp, "members" | "presence">, changed: () => void) {
    this.#http = http;
    this.#changed = changed;
  }

  /** Those who are there first. */
  get all(): readonly Present[] {
    return this.#present;
  }

  /** undefined: no room. */
  show(room: string | undefined): void {
    if (room === this.#room) return;
    this.#room = room;
    this.#present = [];
    this.hasMore = false;
    clearTimeout(this.#timer);
    this.#changed();
    this.#plan(0);
  }

  /** Whether somebody who does something is shown as not there. */
  isMissing(name: string): boolean {
    return this.#present.some((one) => one.name === name && one.presence === "offline");
  }

  /** Somebody came, went, or has another role. */
  stale(): void {
    this.#plan(SETTLE_MS);
  }

  end(): void {
    this.#room = undefined;
    clearTimeout(this.#timer);
  }

  #plan(delayMs: number): void {
    const dueAt = performance.now() + delayMs;
    // What is planned earlier stays: reasons that keep coming put nothing off.
    if (this.#room === undefined || (delayMs > 0 && dueAt > this.#dueAt)) return;
    clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => {
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.#load().catch((error: unknown) => {
        // A failed refresh of the members is not shown. The next one tries again.
        if (!(error instanceof HubbubError)) throw error;
      });
      this.#plan(REFRESH_MS);
    }, delayMs);
  }

  async #load(): Promise<void> {
    const room = this.#room;
    if (room === undefined) return;
    const { members, cursor } = await this.#http.members(room);
    const shown = members.slice(0, PRESENCE_MAX);
    const people = await this.#http.presence(shown.map(({ user }) => user.id)).catch((error: unknown) => {
      if (!(error instanceof HubbubError)) throw error;
      return [];
    });
    if (room !== this.#room) return;
    this.hasMore = cursor !== undefined || shown.length < members.length;
    this.#present = presentOf(shown, people);
    this.#changed();
  }
}

const RANKS = { online: 0, away: 1, offline: 2 } as const;

function presentOf(members: readonly Member[], people: readonly Person[]): Present[] {
  const known = new Map(people.map((person) => [person.user, person]));
  const all = members.map(({ user, role, online }): Present => {
    const person = known.get(user.id);
    const isOnline = person?.online ?? online;
    const { emoji = "", text = "" } = person?.status ?? {};
    const presence = !isOnline ? "offline" : person?.away === true ? "away" : "online";
    return { name: user.username, role, presence, status: `${emoji} ${text}`.trim() };
  });
  const rank = ({ presence }: Present): number => RANKS[presence];
  return all.sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
}
