import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot, UsageError } from "@hubbub/testkit";
import { type DrillArguments, parseDrillArguments, USAGE } from "./drills/arguments.ts";
import { ATTACKS, type Attack } from "./drills/beside/attack.ts";
import { describeVerdict, PLACES, runBeside } from "./drills/beside/run-beside.ts";
import { FAULTS, faultOf, LONG_FAULTS } from "./drills/catalogue.ts";
import { type Fault, NotHere } from "./drills/fault.ts";
import { describeLarge, isWithin, LARGE_RESTORE, type LargeRestore, restoreLarge } from "./drills/large-restore.ts";
import { recoveryReport } from "./drills/recovery-report.ts";
import { report } from "./drills/report.ts";
import { type DrillResult, describe, isClean } from "./drills/result.ts";
import { runDrill } from "./drills/run-drill.ts";
import { soak } from "./drills/soak.ts";
import { UPGRADE, upgradeForthAndBack } from "./drills/upgrade-faults.ts";

/** One file for each fault: a matrix that was interrupted goes on where it was. */
const resultsDirectory = join(repositoryRoot, "data", "drills");
/** Faults whose drill itself broke. */
const failed: string[] = [];
const reportFile = join(repositoryRoot, "docs", "drills.md");
const recoveryFile = join(repositoryRoot, "docs", "recovery.md");

try {
  await main();
} catch (error) {
  process.exitCode = 1;
  if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
  else console.error(error instanceof NotHere ? error.message : error);
}
// Whatever a broken cluster left hanging must not keep the command.
process.exit();

async function main(): Promise<void> {
  const args = parseDrillArguments(process.argv.slice(2));
  if (args === "help") return console.log(USAGE);
  if (args === "list")
    return console.log(
      [...FAULTS, ...LONG_FAULTS, ...ATTACKS].map(({ name, does }) => `${name.padEnd(34)} ${does}`).join("\n"),
    );
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
  const { faults } = args;
  const attack = faults.kind === "one" ? ATTACKS.find(({ name }) => name === faults.name) : undefined;
  if (attack !== undefined) await playBeside(attack);
  else if (faults.kind === "one" && faults.name === LARGE_RESTORE) await playLarge(args.stored);
  else if (faults.kind === "one") {
    const result = await play(findFault(faults.name, args), args);
    process.exitCode = isClean(result) ? 0 : 1;
  } else await playAll(args, faults.only);
}

function findFault(name: string, { minutes, from }: DrillArguments): Fault {
  try {
    if (name === UPGRADE) return upgradeForthAndBack(from);
    return name === "soak" ? soak(minutes) : faultOf(name);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

async function playBeside(attack: Attack): Promise<void> {
  for (const [name, open] of Object.entries(PLACES)) {
    console.log(`\n${attack.name}, ${name}: ${attack.does}`);
    const verdict = await runBeside(attack, open, (line) => console.log(line));
    console.log(describeVerdict(verdict));
    if (!verdict.holds) process.exitCode = 1;
  }
}

async function play(fault: Fault, args: DrillArguments): Promise<DrillResult> {
  console.log(`\n${fault.name}: ${fault.does}\n  expected: ${fault.expected}\n`);
  const result = await runDrill(fault, { ...args, print: (line) => console.log(line) });
  console.log(`\n${describe(result)}`);
  return result;
}

async function playLarge(stored: number): Promise<void> {
  const result = await restoreLarge(stored, (line) => console.log(line));
  await mkdir(resultsDirectory, { recursive: true });
  await writeFile(resultFile(`${LARGE_RESTORE}-${stored}`), JSON.stringify(result, null, 2));
  console.log(`\n${result.told}\n${describeLarge([result])}`);
  if (!isWithin(result)) process.exitCode = 1;
}

/** Results of every size, the smallest first. */
async function largeRestores(): Promise<readonly LargeRestore[]> {
  const names = (await readdir(resultsDirectory)).filter((name) => name.startsWith(LARGE_RESTORE));
  const texts = await Promise.all(names.map((name) => readFile(join(resultsDirectory, name), "utf8")));
  return texts.map((text) => JSON.parse(text) as LargeRestore).sort((one, other) => one.stored - other.stored);
}

async function playAll(args: DrillArguments, only: string): Promise<void> {
  await mkdir(resultsDirectory, { recursive: true });
  const results = new Map<string, DrillResult>();
  const skipped = new Map<string, string>();
  for (const fault of FAULTS) {
    const known = await readResult(fault.name);
    const isWanted = fault.name.includes(only) && (args.isAgain || known === null || known.sent < args.events);
    const result = isWanted ? await playOrSkip(fault, args, skipped) : known;
    if (result !== null) results.set(fault.name, result);
    await writeFile(reportFile, await report(results, skipped));
    const recovery = await recoveryReport(results, await largeRestores());
    if (recovery !== null) await writeFile(recoveryFile, recovery);
  }
  const unclean = [...results.values()].filter((result) => !isClean(result));
  console.log(`\n${results.size} faults, ${unclean.length} of them not clean; see docs/drills.md`);
  for (const result of unclean) console.log(`\n${describe(result)}`);
  if (failed.length > 0) console.log(`\ncould not be run: ${failed.join(", ")}`);
  process.exitCode = unclean.length + failed.length === 0 ? 0 : 1;
}

async function playOrSkip(
  fault: Fault,
  args: DrillArguments,
  skipped: Map<string, string>,
): Promise<DrillResult | null> {
  try {
    const result = await play(fault, args);
    await writeFile(resultFile(fault.name), JSON.stringify(result, null, 2));
    return result;
  } catch (error) {
    console.error(error);
    if (!(error instanceof NotHere)) failed.push(fault.name);
    // Any other message may name paths of this machine.
    skipped.set(fault.name, error instanceof NotHere ? error.message : "the drill failed, see its output");
    return null;
  }
}

function resultFile(name: string): string {
  return join(resultsDirectory, `${name}.json`);
}

async function readResult(name: string): Promise<DrillResult | null> {
  const text = await readFile(resultFile(name), "utf8").catch(() => null);
  return text === null ? null : (JSON.parse(text) as DrillResult);
}
