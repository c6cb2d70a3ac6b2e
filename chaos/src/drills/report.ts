import type { AnomalyKind } from "../checker/anomalies.ts";
import { FAULTS } from "./catalogue.ts";
import { RACED } from "./changes.ts";
import { machine } from "./machine.ts";
import { type DrillResult, isClean, time } from "./result.ts";

/** Columns of the table and the kinds of anomaly they count. */
const columns: readonly (readonly [title: string, kinds: readonly AnomalyKind[]])[] = [
  ["lost", ["lostAcked", "undelivered", "markWithoutRow"]],
  ["doubled", ["duplicateStored", "duplicateDelivered"]],
  ["reordered", ["reordered", "senderOrder"]],
  ["re-used", ["reusedSeq"]],
  ["unannounced", ["unannouncedGap"]],
  ["other", ["phantom", "altered", "historyDiffers"]],
];

/** `docs/drills.md`: what every fault did. */
export async function report(
  results: ReadonlyMap<string, DrillResult>,
  skipped: ReadonlyMap<string, string>,
): Promise<string> {
  const ran = FAULTS.flatMap(({ name }) => results.get(name) ?? []);
  const total = (of: (result: DrillResult) => number) => ran.reduce((sum, result) => sum + of(result), 0);
  const clean = ran.filter(isClean).length;
  return `# Drills

Written by \`npm run drill -- all\`. Each row is a new cluster of real processes: two gateways, two writers, one api process, nginx,
Redis and Postgres. Recording clients talk while the fault is injected again and again. A checker then compares everything that was
sent, acked, received, announced and stored. [guarantees.md](guarantees.md) defines the guarantees.

**${ran.length} faults, ${clean} of them clean; ${figure(total(({ sent }) => sent))} events sent, ${figure(total(({ changes }) => changes))} of them changes, ${figure(total(({ received }) => received))} deliveries checked, injected ${figure(total(({ rounds }) => rounds))} times.**
${columns.map(([title, kinds]) => `${title} ${figure(total((result) => countOf(result, kinds)))}`).join(", ")}, projection ${figure(total(({ projection }) => projection))}.${unrun(results, skipped)}

- *changes*: of the events, the acked edits, deletions, reactions, pins and replies. Half of the clients make them, with read marks; a
  reader takes pages of history meanwhile. *projection*: messages whose state at the end is not the fold of all events: as
  \`hubbub verify\` sees it, on the pages of history, or at a client that followed the room.
- *acks back*: from the end of the fault (for a killed process: from the kill) until an event sent after it was acked in every room.
  *clients back*: until every client had resumed, or got an event sent after it. The worst round.
- *longest wait*: the longest time to an ack of any event, including the duration of the fault.
- \`costly-pages\` and \`guest-flood\` measure what one user costs the others. They run only by name.
- *gaps*, *epochs*: announced to clients, the sum over all clients. Each client of a room is told about a renumbering.

| fault | events | changes | rounds | acks back | clients back | longest wait | ${columns.map(([title]) => title).join(" | ")} | projection | gaps | epochs | notes |
|---|--:|--:|--:|--:|--:|--:|${columns.map(() => "--:").join("|")}|--:|--:|--:|---|
${ran.map(row).join("\n")}
${[...skipped].map(([name, why]) => `| ${name} | not run here: ${why} |`).join("\n")}

## What each fault does, and the expected result

| fault | what happens | what must hold | guarantees |
|---|---|---|---|
${FAULTS.map(({ name, does, expected, guarantees }) => `| ${name} | ${does} | ${expected} | ${guarantees.join(" ")} |`).join("\n")}

## Machine

${(await machine()).join("\n")}
`;
}

/** A matrix that was interrupted says what it lacks. */
function unrun(results: ReadonlyMap<string, unknown>, skipped: ReadonlyMap<string, string>): string {
  const names = FAULTS.map(({ name }) => name).filter((name) => !results.has(name) && !skipped.has(name));
  return names.length === 0
    ? ""
    : `\n\n**${names.length} faults have not been run with this load yet:** ${names.join(", ")}.`;
}

function row(result: DrillResult): string {
  const { fault, sent, changes, projection, rounds, acksMs, clientsMs, longestWaitMs, gaps, epochs } = result;
  const counts = columns.map(([, kinds]) => figure(countOf(result, kinds)));
  const cells = [
    fault,
    figure(sent),
    figure(changes),
    rounds,
    time(acksMs),
    time(clientsMs),
    time(longestWaitMs),
    ...counts,
    figure(projection),
    gaps,
    epochs,
  ];
  return `| ${[...cells, notes(result)].join(" | ")} |`;
}

function notes({ refused, broken, fault, mostClientsMs, notes: seen = [] }: DrillResult): string {
  const codes = Object.entries(refused).map(([code, count]) =>
    RACED.includes(code) ? `${figure(count)} ${code}` : `${figure(count)} ${code}, repeated`,
  );
  const crowd = fault === "storm" ? [`99 % had resumed after ${time(mostClientsMs)}`] : [];
  return [...crowd, ...seen, ...codes, ...broken.map((promise) => `**${promise}**`)].join("; ");
}

function countOf({ anomalies }: DrillResult, kinds: readonly AnomalyKind[]): number {
  return kinds.reduce((sum, kind) => sum + (anomalies[kind]?.count ?? 0), 0);
}

function figure(value: number): string {
  return value.toLocaleString("en");
}
