import type { Broker } from "@hubbub/broker";
import type { RoomId } from "@hubbub/protocol";
import type { ToldNode } from "@hubbub/protocol/http-figures";
import type { Logger, Metrics } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import { buildVersion } from "../announce.ts";
import type { Settings } from "../settings.ts";
import { figuresBetween } from "./figures-between.ts";
import { type EndedMinute, Minute } from "./minute.ts";
import { type Reading, readFigures } from "./reading.ts";
import { TopRooms } from "./top-rooms.ts";

const SAMPLE_MS = 1_000;
/** What is told covers this many samples, so that it holds still enough to be read. */
const WINDOW = 10;
/** Rooms that a process tells of. */
const BUSIEST_TOLD = 20;

export interface FiguresOptions {
  readonly settings: Settings;
  readonly parts: { readonly broker: Broker; readonly store: Pick<Store, "stats"> };
  readonly metrics: Metrics;
  readonly readiness: { readonly isReady: boolean };
  isDraining(): boolean;
  readonly log: Logger;
}

/** Before the roles start, because they share the broker whose batches are counted. */
export function watchFigures(options: FiguresOptions): AsyncDisposable {
  const watch = new FiguresWatch(options);
  const { broker } = options.parts;
  const accept = broker.accept.bind(broker);
  const counted: Pick<Broker, "accept"> = {
    accept(shard, batch) {
      watch.rooms.note(batch);
      return accept(shard, batch);
    },
  };
  Object.assign(broker, counted);
  return watch;
}

/** Reads the figures of the process once a second, tells them to operators, and stores a row for each minute. */
class FiguresWatch implements AsyncDisposable {
  readonly rooms = new TopRooms();
  readonly #options: FiguresOptions;
  readonly #about: Pick<ToldNode, "node" | "roles" | "build" | "startedAt">;
  readonly #timer: NodeJS.Timeout;
  /** The newest last; at most WINDOW + 1. */
  readonly #readings: Reading[] = [];
  #minute: Minute | undefined;
  #busiest: ToldNode["busiest"] = [];
  #samples = 0;
  #busy: Promise<void> | undefined;
  #storing: Promise<void> | undefined;

  constructor(options: FiguresOptions) {
    this.#options = options;
    const { NODE_NAME: node, ROLES: roles } = options.settings;
    this.#about = { node, roles: [...roles], build: buildVersion(), startedAt: Date.now() };
    this.#timer = setInterval(() => {
      // A sample that is late because Redis hangs is left out.
      this.#busy ??= this.#sample()
        .catch((error: unknown) => options.log.debug({ err: error }, "figures could not be told"))
        .finally(() => {
          this.#busy = undefined;
        });
    }, SAMPLE_MS).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#busy;
    await this.#storing;
    const { broker } = this.#options.parts;
    // An unavailable Redis shows the process as silent, and forgets it within an hour.
    await broker.presence.figures.drop(this.#about.node).catch(() => undefined);
  }

  async #sample(): Promise<void> {
    const reading = await readFigures(this.#options.metrics, this.rooms.total);
    this.#readings.push(reading);
    if (this.#readings.length > WINDOW + 1) this.#readings.shift();
    const now = Date.now();
    const ended = this.#minute?.isOver(now) === true ? this.#minute.end() : null;
    if (this.#minute === undefined || this.#minute.isOver(now)) this.#minute = new Minute(now, reading);
    else this.#minute.add(reading);
    this.#samples += 1;
    if (this.#samples % WINDOW === 0) this.#countRooms();
    if (ended !== null) this.#store(ended);
    await this.#tell(reading);
  }

  #countRooms(): void {
    const counts = this.rooms.take();
    this.#minute?.addRooms(counts);
    this.#busiest = counts
      .slice(0, BUSIEST_TOLD)
      .map(([room, events]) => ({ room: room as RoomId, perSecond: (events * 1_000) / (WINDOW * SAMPLE_MS) }));
  }

  async #tell(newest: Reading): Promise<void> {
    const { parts, readiness, isDraining } = this.#options;
    const told: ToldNode = {
      ...this.#about,
      state: isDraining() ? "draining" : readiness.isReady ? "ready" : "unready",
      figures: figuresBetween(this.#readings[0] ?? newest, newest),
      busiest: [...this.#busiest],
    };
    await parts.broker.presence.figures.tell(told.node, JSON.stringify(told));
  }

  /** Nobody waits for it. A minute that cannot be stored, or that ends while the one before is being stored, is left out. */
  #store({ minute, figures, busiest }: EndedMinute): void {
    const { parts, log } = this.#options;
    this.#storing ??= parts.store.stats
      .put({ node: this.#about.node, minute, figures, busiest })
      .catch((error: unknown) => log.debug({ err: error }, "the figures of a minute could not be stored"))
      .finally(() => {
        this.#storing = undefined;
      });
  }
}
