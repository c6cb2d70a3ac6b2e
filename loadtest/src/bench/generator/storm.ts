import { setTimeout as sleep } from "node:timers/promises";
import type { CpuSeconds, ProcessGroup } from "../measure/process-usage.ts";
import { readUsage, usageBetween } from "../measure/usage.ts";
import { centrifugoResume } from "./centrifugo-resume.ts";
import { Comeback } from "./comeback.ts";
import { hubbubResume } from "./hubbub-resume.ts";
import { Load } from "./load.ts";
import { ReturningClient } from "./returning-client.ts";
import { drain, drive, withGenerator } from "./run.ts";
import type { ReturningMember, StormFaults, StormPlan, StormResult, StormRun } from "./storm-plan.ts";

const DIALECTS = { hubbub: hubbubResume, centrifugo: centrifugoResume } as const;
/** Each source address of the loopback has ports of its own, and limits per address see so many clients less. */
const SOURCES = 32;
/** Clients that enter at a time before the storm. */
const ENTERING = 32;
/** Acks of what was sent during the storm may come so much later and still be counted. */
const AFTERMATH_MS = 1_000;
/** Between the first storm and the second. */
const CALM_MS = 2_000;
const DRAIN_MS = 5_000;
/** The last events reach everybody this long behind their acks. */
const SETTLE_MS = 500;
const ENTER_DEADLINE_MS = 60_000;

/** The clients of a server that will be killed, and the talkers of the one that stays. */
export class Storm {
  readonly #plan: StormPlan;
  readonly #talkers: Load;
  readonly #clients: readonly ReturningClient[];
  readonly #neighbours: readonly ReturningClient[];

  private constructor(plan: StormPlan, talkers: Load, parties: Record<"clients" | "neighbours", ReturningClient[]>) {
    this.#plan = plan;
    this.#talkers = talkers;
    this.#clients = parties.clients;
    this.#neighbours = parties.neighbours;
  }

  static async connect(plan: StormPlan): Promise<Storm> {
    const talkers = await Load.connect(plan.talkers);
    const neighbours = await enter(plan.dialect, plan.neighbours, plan.survivorPort);
    const clients = await enter(plan.dialect, plan.members, plan.doomed.port);
    return new Storm(plan, talkers, { clients, neighbours });
  }

  async run(run: StormRun): Promise<StormResult> {
    const groups = withGenerator(run.groups);
    const stop = new AbortController();
    const driving = drive(this.#talkers, { open: run.rate }, stop.signal);
    await sleep(run.warmupMs);
    this.#talkers.forgetTimes();
    const before = readUsage(groups);
    await sleep(run.quietMs);
    const quietAckMicroseconds = this.#talkers.times.ackMicroseconds;
    const quiet = usageBetween(before, readUsage(groups));
    this.#talkers.forgetTimes();
    const { errors: refusedBefore } = this.#talkers.faults;
    const kill = () => process.kill(this.#plan.doomed.pid, "SIGKILL");
    const comeback = await this.#break(run, groups, kill);
    await sleep(AFTERMATH_MS);
    const { ackMicroseconds } = this.#talkers.times;
    await comeback.all(run.deadlineMs);
    const tries = this.#clients.reduce((sum, client) => sum + client.tries, 0) - this.#clients.length;
    await sleep(CALM_MS);
    const again = await this.#break(run, groups, () => {
      for (const client of this.#clients) client.drop();
    });
    await again.all(run.deadlineMs);
    stop.abort();
    await driving;
    await drain(this.#talkers, 1, DRAIN_MS);
    await sleep(SETTLE_MS);
    const { cpu, machine } = comeback.usage;
    const { errors, firstError } = this.#talkers.faults;
    const result = {
      ...comeback.times,
      clients: this.#clients.length,
      tries,
      cpu,
      again: { ...again.times, cpu: again.usage.cpu },
      machine,
      quietCores: coresOf(quiet.cpu, quiet.seconds),
      quietAckMicroseconds,
      ackMicroseconds,
      talked: { ...this.#talkers.counts, refusedBefore, refused: errors - refusedBefore, firstError },
      faults: this.#faults(),
    };
    for (const client of [...this.#clients, ...this.#neighbours]) client.end();
    return result;
  }

  /** Breaks the connections; resolves when 99 % are live again, or at the deadline. */
  async #break(
    { spreadMs, deadlineMs }: StormRun,
    groups: readonly ProcessGroup[],
    cut: () => void,
  ): Promise<Comeback> {
    const comeback = new Comeback(this.#clients.length, () => readUsage(groups));
    for (const [index, client] of this.#clients.entries()) {
      client.onBroken = () => client.connect(homeOf(this.#plan.survivorPort, index), Math.random() * spreadMs);
      let isBack = false;
      client.onLive = () => {
        if (!isBack) comeback.add();
        isBack = true;
      };
    }
    comeback.start();
    cut();
    await comeback.most(deadlineMs);
    return comeback;
  }

  #faults(): StormFaults {
    const heads = new Map<string, number>();
    for (const { room, seq } of this.#clients) heads.set(room, Math.max(heads.get(room) ?? 0, seq));
    const sum = (of: (client: ReturningClient) => number): number =>
      this.#clients.reduce((total, client) => total + of(client), 0);
    return {
      order: sum(({ faults }) => faults.order),
      unrecovered: sum(({ faults }) => faults.unrecovered),
      behind: this.#clients.filter(({ room, seq }) => seq < (heads.get(room) ?? 0)).length,
    };
  }
}

async function enter(
  dialect: StormPlan["dialect"],
  members: readonly ReturningMember[],
  port: number,
): Promise<ReturningClient[]> {
  const clients = members.map((member, index) => new ReturningClient(DIALECTS[dialect], member, homeOf(port, index)));
  for (let from = 0; from < clients.length; from += ENTERING) {
    const group = clients.slice(from, from + ENTERING);
    await Promise.all(group.map((client, at) => entered(client, port, from + at)));
  }
  return clients;
}

function homeOf(port: number, index: number): { port: number; localAddress: string } {
  return { port, localAddress: `127.0.0.${1 + (index % SOURCES)}` };
}

function entered(client: ReturningClient, port: number, index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error(`client ${index} could not enter`)), ENTER_DEADLINE_MS);
    client.onLive = () => {
      clearTimeout(deadline);
      resolve();
    };
    client.connect(homeOf(port, index), 0);
  });
}

function coresOf(cpu: CpuSeconds, seconds: number): CpuSeconds {
  return Object.fromEntries(Object.entries(cpu).map(([name, used]) => [name, used / seconds]));
}
