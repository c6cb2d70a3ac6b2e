import { type PatroniService, query } from "@hubbub/testkit";
import { BrokenPromise, type Fault, needed, type Scene } from "./fault.ts";
import { time } from "./result.ts";
import { SignUps } from "./sign-ups.ts";

type Node = PatroniService["nodes"][number];

interface Failover {
  /** The longest that marks and accounts may pause. */
  readonly pauseMs: number;
  break(patroni: PatroniService, leader: Node): Promise<void>;
  /** What was broken serves again, as the standby. */
  mend?(leader: Node): Promise<void>;
  /** The old leader may lead again: Postgres alone was killed. */
  readonly mayStay?: boolean;
}

const calmMs = 10_000;
const lookMs = 50;
/** After the pause, so that acks of the time after it count too. */
const afterMs = 3_000;
const feltMs = 2_000;
const databaseName = "drill";

async function failOver(scene: Scene, { pauseMs, break: breakIt, mend, mayStay = false }: Failover): Promise<void> {
  const patroni = needed(scene.patroni);
  await patroni.replicated();
  const leader = await patroni.leader();
  scene.takeWaits();
  await using signUps = new SignUps(scene.cluster.url);
  await scene.sleep(calmMs);
  const calm = percentile(scene.takeWaits());
  const [marks, accounts] = [new Pauses(() => scene.marks()), new Pauses(() => signUps.count)];
  using _ = watch([marks, accounts]);
  scene.say(`${leader.name} led until now`);
  await breakIt(patroni, leader);
  if (mayStay) await patroni.replicated();
  else scene.say(`${(await patroni.failedOver(leader)).name} leads`);
  // What was broken is felt by then.
  await scene.sleep(feltMs);
  await flowing([marks, accounts]);
  await scene.sleep(afterMs);
  const during = percentile(scene.takeWaits());
  scene.healed();
  await mend?.(leader);
  await patroni.replicated();
  scene.say("there is a synchronous standby again");
  await signUps[Symbol.asyncDispose]();
  const lost = await lostAccounts(patroni, signUps);
  const figures = `p99 of acks ${time(during)}, ${time(calm)} before; accounts paused ${time(accounts.longestMs)}, marks ${time(marks.longestMs)}; ${lost} of ${signUps.count} accounts lost`;
  scene.afterwards(() => Promise.resolve(figures));
  if (lost > 0) throw new BrokenPromise(`${lost} accounts that were answered are gone`);
  const longest = Math.max(accounts.longestMs, marks.longestMs);
  if (longest > pauseMs) throw new BrokenPromise(`accounts or marks paused ${time(longest)}, over ${time(pauseMs)}`);
}

/** How long a count stood still. */
class Pauses {
  longestMs = 0;
  readonly #count: () => number;
  #last: number;
  #changedAt = performance.now();

  constructor(count: () => number) {
    this.#count = count;
    this.#last = count();
  }

  /** The present pause, ms. */
  look(): number {
    const now = performance.now();
    const count = this.#count();
    const pause = now - this.#changedAt;
    this.longestMs = Math.max(this.longestMs, pause);
    if (count !== this.#last) this.#changedAt = now;
    this.#last = count;
    return pause;
  }
}

const flowingMs = 500;
const flowsWithinMs = 60_000;

function watch(pauses: readonly Pauses[]): Disposable {
  const timer = setInterval(() => {
    for (const one of pauses) one.look();
  }, lookMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Until nothing stands still, or for too long to wait: then the longest pause tells. */
async function flowing(pauses: readonly Pauses[]): Promise<void> {
  const deadline = performance.now() + flowsWithinMs;
  while (pauses.some((one) => one.look() > flowingMs) && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, lookMs));
}

async function lostAccounts(patroni: PatroniService, signUps: SignUps): Promise<number> {
  const rows = await query(await patroni.ownUrlOfLeader(databaseName), "select id from hubbub.users");
  return signUps.lostOf(new Set((rows as { id: string }[]).map(({ id }) => id)));
}

function percentile(waits: readonly number[]): number {
  const sorted = [...waits].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
}

const common = { guarantees: ["G2", "G4"], needs: { patroni: true } } as const;

export const failoverFaults: readonly Fault[] = [
  {
    ...common,
    name: "postgres-failover",
    does: "kill -9 of the primary of Postgres under Patroni, while accounts are made",
    expected: "chat continues; marks and accounts pause 6 s at most; no event and no answered account is lost",
    inject: (scene) => failOver(scene, { pauseMs: 6_000, mayStay: true, break: (_, leader) => leader.killPostgres() }),
  },
  {
    ...common,
    name: "postgres-machine-lost",
    does: "kill -9 of the primary and of its Patroni, while accounts are made",
    expected: "chat continues; the standby leads; marks and accounts pause 30 s at most; nothing answered is lost",
    inject: (scene) =>
      failOver(scene, { pauseMs: 30_000, break: (_, leader) => leader.lose(), mend: (leader) => leader.restart() }),
  },
  {
    ...common,
    name: "postgres-failover-frozen",
    does: "SIGSTOP of the primary and of its Patroni, while accounts are made",
    expected: "chat continues; the standby leads; marks and accounts pause 30 s at most; nothing answered is lost",
    inject: (scene) =>
      failOver(scene, { pauseMs: 30_000, break: (_, leader) => leader.freeze(), mend: (leader) => leader.thaw() }),
  },
  {
    ...common,
    name: "postgres-switchover",
    does: "a planned switch to the standby, while accounts are made",
    expected: "chat continues; marks and accounts pause 4 s at most; nothing answered is lost",
    inject: (scene) => failOver(scene, { pauseMs: 4_000, break: (patroni) => patroni.switchOver() }),
  },
];
