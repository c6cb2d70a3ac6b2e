import { FAULTS } from "./catalogue.ts";
import type { Recovery } from "./fault.ts";
import { describeLarge, type LargeRestore } from "./large-restore.ts";
import { machine } from "./machine.ts";
import { type DrillResult, isClean, time } from "./result.ts";

/** `docs/recovery.md`: what the drills that restore a backup lost, and how long each step took. null: none was run. */
export async function recoveryReport(
  results: ReadonlyMap<string, DrillResult>,
  large: readonly LargeRestore[],
): Promise<string | null> {
  const ran = FAULTS.flatMap(({ name }) => results.get(name) ?? []).filter(
    ({ recoveries = [] }) => recoveries.length > 0,
  );
  if (ran.length === 0) return null;
  return `# Recovery

Written by \`npm run drill -- all\`. Each drill is a new cluster of real processes under load, with a process of the role \`backup\` and one
target. Redis, Postgres and all processes are killed at one moment and their disks are deleted; then the cluster is restored as
[operations.md](operations.md#backup-and-restore) says, while its clients go on trying. The checker compares what clients sent, saw and were
told over both lives of the cluster, and \`hubbub verify\` the rows.

| drill | restores | checker | lost | restore | acks back | clients back |
|---|--:|---|--:|--:|--:|--:|
${ran.map(row).join("\n")}

- *lost*: from the newest commit that came back to the loss (RPO); of \`restore-to-time\`, how long before the loss the time lay that was asked
  for. The log is sent every five seconds, and at once when the process that sends it is asked to stop. The worst round.
- *restore*: of \`hubbub restore\`, from the empty directory to the verified one (RTO without the start of the processes). The worst round.
- *acks back*, *clients back*: from the moment when the processes may start again.

## Steps

| step | ${ran.map(({ fault }) => fault).join(" | ")} |
|---|${ran.map(() => "--:").join("|")}|
${stepsOf(ran).join("\n")}

*look*: reads the catalogues, what is alive, and the log's names. *fetch and check*: the parts of the base, with their hashes. *adopt*: a new
generation, so that no number is used twice. *take away again*: erasures, removals and bans of the ledger.

${large.length === 0 ? "" : `${describeLarge(large)}\n`}## Machine

${(await machine()).join("\n")}
`;
}

function row(result: DrillResult): string {
  const { fault, rounds, recoveries = [], acksMs, clientsMs } = result;
  const lost = time(Math.max(...recoveries.map(({ lostMs }) => lostMs)));
  const whole = time(Math.max(...recoveries.map(totalOf)));
  const cells = [
    fault,
    rounds,
    isClean(result) ? "clean" : "**not clean**",
    lost,
    whole,
    time(acksMs),
    time(clientsMs),
  ];
  return `| ${cells.join(" | ")} |`;
}

const TOTAL = "in all";

function totalOf({ steps }: Recovery): number {
  return steps.find(({ name }) => name === TOTAL)?.ms ?? 0;
}

/** The worst round of each. */
function stepsOf(ran: readonly DrillResult[]): string[] {
  const names = new Set(
    ran.flatMap(({ recoveries = [] }) => recoveries.flatMap(({ steps }) => steps.map(({ name }) => name))),
  );
  return [...names].map((name) => {
    const times = ran.map(({ recoveries = [] }) => {
      const found = recoveries.flatMap(({ steps }) => steps.filter((step) => step.name === name).map(({ ms }) => ms));
      return found.length === 0 ? "" : time(Math.max(...found));
    });
    return `| ${name} | ${times.join(" | ")} |`;
  });
}
