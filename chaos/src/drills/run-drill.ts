import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterEvent, describeEvent } from "@hubbub/testkit";
import { check, type Verdict } from "../checker/check.ts";
import { checkLives } from "../checker/check-lives.ts";
import { History } from "../checker/history.ts";
import { readOverHttp } from "../checker/read-over-http.ts";
import { readStore } from "../checker/read-store.ts";
import { RACED } from "./changes.ts";
import { BrokenPromise, type Fault, needed, type Recovery as Restore, type Scene, type Traffic } from "./fault.ts";
import { type Load, type LoadShape, startLoad } from "./load.ts";
import { judgeProjection, type ProjectionVerdict } from "./projection.ts";
import type { DrillResult } from "./result.ts";
import { storeSettles } from "./store-settles.ts";
import { type Recovery, Tally } from "./tally.ts";
import { Timeline } from "./timeline.ts";
import { openWorld, storeUrlOf, type World } from "./world.ts";

export interface DrillOptions {
  /** At least; a fault is repeated until so many were sent. */
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly clients: number;
  readonly rooms: number;
  readonly print: (line: string) => void;
  /** Whether `hubbub verify` looks at the cluster in the end, default true. */
  readonly verifies?: boolean | undefined;
  /** What the times of a drill and of its fault are multiplied by, default 1. */
  readonly tempo?: number | undefined;
}

/** Refusals that every fault may cause. */
const EXPECTED = ["unavailable", ...RACED];

/** A seq that was set back is the message of another author: a change on its way is not for it. */
const REUSED = ["forbidden"];

const warmUpMs = 2_000;
/** Of the clients, those that change messages. One process with its database has as much to do with fewer of them. */
const CHANGE_SHARE = 1 / 2;
const EMBEDDED_SHARE = 1 / 8;
const recoverMs = 60_000;
const betweenRoundsMs = 1_000;
const settleMs = 30_000;
const lookMs = 50;

/** One fault on a fresh cluster under load, and the verdict. @throws NotHere when this machine lacks what it needs */
export async function runDrill(fault: Fault, options: DrillOptions): Promise<DrillResult> {
  const onEvent = (event: ClusterEvent) => options.print(describeEvent(event));
  await using world = await openWorld(fault.needs ?? {}, onEvent);
  return await runFault(fault, world, options);
}

/** One fault on a cluster that has what it needs. */
export async function runFault(fault: Fault, world: World, options: DrillOptions): Promise<DrillResult> {
  const history = new History();
  const tally = new Tally(history);
  const setBack = (rooms: Iterable<string>, copiedAt: number, at: number) => {
    for (const room of rooms) history.add({ type: "setBack", room, copiedAt, at });
  };
  const changeShare = fault.needs?.embedded === true ? EMBEDDED_SHARE : CHANGE_SHARE;
  const shape: LoadShape = { ...options, changeShare, listeners: fault.needs?.listeners ?? 0 };
  await using load = await startLoad(world.front, shape, tally);
  const trial = new Trial(fault, options, world, tally, (copiedAt) => setBack(load.rooms, copiedAt, Date.now()));
  using lines = new Timeline({ take: () => tally.take(), waiting: () => tally.waitingCount, print: options.print });
  trial.say = (what) => lines.say(what);
  await trial.prepare();
  await trial.play(load);
  const lacking = await load.end(settleMs);
  await readWhenSettled(world, load, history);
  const isSetBack = fault.setsBack === true;
  const projection = await judgeProjection(world, load, { isSetBack, verifies: options.verifies ?? true });
  const unkept = [...lacking, ...refusals(load), ...projection.faults];
  return trial.judge(isSetBack ? checkLives(history) : check(history), { unkept, projection, changes: load.changes });
}

interface Ending {
  readonly unkept: readonly string[];
  readonly projection: ProjectionVerdict;
  readonly changes: number;
}

async function readWhenSettled(world: World, load: Load, history: History): Promise<void> {
  const url = await storeUrlOf(world);
  if (url === null) return await readOverHttp(load.members, history);
  const rooms = new Set(load.places.map(([, room]) => room));
  await storeSettles(url, load.newest(), settleMs);
  await readStore(url, [...rooms], history);
}

function refusals(load: Load): string[] {
  return load.refused.map(({ client, refusedWith }) => `${client} was told not to come back: ${refusedWith}`);
}

class Trial {
  say: (what: string) => void;
  readonly #fault: Fault;
  readonly #options: DrillOptions;
  readonly #world: World;
  readonly #tally: Tally;
  readonly #setBack: (copiedAt: number) => void;
  readonly #recoveries: Recovery[] = [];
  /** What the fault itself saw broken. */
  readonly #broken: string[] = [];
  readonly #notes: string[] = [];
  readonly #restores: Restore[] = [];
  readonly #afterwards: (() => Promise<string>)[] = [];

  constructor(fault: Fault, options: DrillOptions, world: World, tally: Tally, setBack: (copiedAt: number) => void) {
    this.#fault = fault;
    this.#options = options;
    this.#world = world;
    this.#tally = tally;
    this.#setBack = setBack;
    this.say = options.print;
  }

  async prepare(): Promise<void> {
    await this.#fault.prepare?.(this.#scene(() => undefined, null));
  }

  /** Rounds of the fault until enough was sent. */
  async play(load: Load): Promise<void> {
    const tempo = this.#options.tempo ?? 1;
    load.begin();
    await sleep(warmUpMs * tempo);
    do {
      await this.#round(load);
      await sleep(betweenRoundsMs * tempo);
    } while (this.#tally.wantedCount < this.#options.events && this.#recoveries.at(-1)?.clientsMs !== null);
    while (this.#tally.wantedCount < this.#options.events) await sleep(lookMs);
  }

  judge({ anomalies, counts }: Verdict, { unkept, projection, changes }: Ending): DrillResult {
    const { longestWaitMs, total } = this.#tally;
    const { name, guarantees } = this.#fault;
    return {
      ...{ fault: name, guarantees, rounds: this.#recoveries.length, longestWaitMs, anomalies },
      ...{ sent: counts.sent, acked: counts.acked, received: counts.received, stored: counts.stored },
      ...{ changes, projection: projection.differences, projectionExamples: projection.examples },
      ...{ gaps: total.gaps, epochs: total.epochs, refused: Object.fromEntries(total.refused) },
      ...(this.#restores.length === 0 ? {} : { recoveries: this.#restores }),
      notes: [...this.#notes, ...takenNote(counts), ...adriftNote(projection)],
      acksMs: worst(this.#recoveries.map(({ acksMs }) => acksMs)),
      clientsMs: worst(this.#recoveries.map(({ clientsMs }) => clientsMs)),
      mostClientsMs: worst(this.#recoveries.map(({ mostClientsMs }) => mostClientsMs)),
      broken: [...this.#broken, ...this.#brokenPromises(), ...unkept],
    };
  }

  async #round(load: Load): Promise<void> {
    const watch = () => this.#tally.watch(Date.now(), load.places, load.rooms);
    let recovery = watch();
    const scene = this.#scene(() => {
      recovery = watch();
    }, load);
    await this.#fault.inject(scene).catch((error: unknown) => {
      if (!(error instanceof BrokenPromise)) throw error;
      this.#broken.push(error.message);
    });
    const deadline = performance.now() + recoverMs;
    while ((recovery.acksMs === null || recovery.clientsMs === null) && performance.now() < deadline)
      await sleep(lookMs);
    this.#recoveries.push(recovery);
    this.say(`acks flow in all rooms, all clients are back`);
    await this.#world.front.ready();
    for (const look of this.#afterwards.splice(0)) this.#note(await look());
  }

  #note(what: string): void {
    this.say(what);
    this.#notes.push(what);
  }

  #brokenPromises(): string[] {
    const { setsBack = false, mayRenumber = setsBack, mayRefuse = [], maxWaitMs } = this.#fault;
    const { total, longestWaitMs, longestWaiting } = this.#tally;
    const wrongCodes = [...total.refused.keys()].filter(
      (code) => ![...EXPECTED, ...(setsBack ? REUSED : []), ...mayRefuse].includes(code),
    );
    return [
      ...(this.#recoveries.some(({ acksMs }) => acksMs === null) ? ["acks did not flow again in all rooms"] : []),
      ...(this.#recoveries.some(({ clientsMs }) => clientsMs === null) ? ["not all clients came back"] : []),
      ...(!mayRenumber && total.epochs > 0 ? [`${total.epochs} epochs were announced, and none was called for`] : []),
      ...(!mayRenumber && total.gaps > 0 ? [`${total.gaps} gaps were announced, and none was called for`] : []),
      ...wrongCodes.map((code) => `refused with ${code}, which this fault does not explain`),
      ...(maxWaitMs !== undefined && longestWaitMs > maxWaitMs
        ? [`an event of ${longestWaiting} waited ${longestWaitMs} ms`]
        : []),
    ];
  }

  #traffic(): Traffic {
    const { total, wantedCount, waitingCount, bareRefusals } = this.#tally;
    const refused = [...total.refused.values()].reduce((sum, count) => sum + count, 0);
    return {
      wanted: wantedCount,
      acked: total.acked,
      waiting: waitingCount,
      refused,
      refusals: new Map(total.refused),
      bareRefusals,
    };
  }

  /** `load`: null before anybody talks. */
  #scene(healed: () => void, load: Load | null): Scene {
    const { cluster, embedded, directory, links, sentinel, patroni, disk } = this.#world;
    return {
      get cluster() {
        return needed(cluster);
      },
      ...{ embedded, directory, links, sentinel, patroni, disk, healed },
      pace: (times) => {
        needed(load).pace = times;
      },
      traffic: () => this.#traffic(),
      takeWaits: () => this.#tally.takeWaits(),
      marks: () => this.#tally.total.marks,
      setBack: (copiedAt) => this.#setBack(copiedAt),
      recovered: (restore) => void this.#restores.push(restore),
      round: this.#recoveries.length,
      say: (what) => this.say(what),
      afterwards: (look) => void this.#afterwards.push(look),
      sleep: (ms) => sleep(ms * (this.#options.tempo ?? 1)),
    };
  }
}

function takenNote({ taken = 0 }: Verdict["counts"]): string[] {
  return taken === 0 ? [] : [`${taken} acked events were lost with the set-back, as announced to their clients`];
}

function adriftNote({ adrift }: ProjectionVerdict): string[] {
  return adrift === 0 ? [] : [`${adrift} changes of a message that is lost`];
}

function worst(times: readonly (number | null)[]): number | null {
  return times.includes(null) ? null : Math.max(...times.map((time) => time ?? 0));
}
