import type { Deliveries, Tails } from "@hubbub/broker";
import type { PersonalFrame } from "@hubbub/protocol";
import type { AfterAppend, Mentioned } from "@hubbub/store";
import { DeletedTexts } from "./deleted-texts.ts";

type Told = Tails & Pick<Deliveries, "publishControl" | "publishSignal">;

/** Mentions of committed batches that are not told yet. Further ones are not told: they are rows, as all are. */
const WAITING_MAX = 2_000;

/**
 * What follows a commit: copies of deleted texts go, and mentioned users are told on their own channel. A frame may be lost
 * with this process, and may come twice when a store has lost rows.
 */
export class AfterCommit extends DeletedTexts {
  readonly #told: Told;
  #waiting: Mentioned[] = [];

  constructor(broker: Told, shard: number) {
    super(broker, shard);
    this.#told = broker;
  }

  override add(after: AfterAppend): void {
    const mentioned = after.filter((one): one is Mentioned => "user" in one);
    super.add(after.filter((one) => !("user" in one)));
    this.#waiting.push(...mentioned.slice(0, WAITING_MAX - this.#waiting.length));
  }

  override clear(): void {
    super.clear();
    this.#waiting = [];
  }

  /** @throws BrokerUnavailable; what was not dropped or told stays here */
  override async drop(): Promise<void> {
    await super.drop();
    if (this.#waiting.length === 0) return;
    const told = this.#waiting;
    this.#waiting = [];
    const outcomes = await Promise.allSettled(told.map((mentioned) => this.#tell(mentioned)));
    const untold = told.filter((_mentioned, at) => outcomes[at]?.status === "rejected");
    this.#waiting = [...untold, ...this.#waiting].slice(0, WAITING_MAX);
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  #tell({ user, room, seq, by, preview }: Mentioned): Promise<void> {
    const frame: PersonalFrame = { type: "personal", kind: "notification", room, seq, by, preview };
    return this.#told.publishSignal(user, JSON.stringify(frame));
  }
}
