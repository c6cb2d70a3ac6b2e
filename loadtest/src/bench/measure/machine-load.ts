import { readFileSync } from "node:fs";
import { loadavg } from "node:os";

/** What the whole machine has done since it started, in CPU-seconds. */
export interface MachineReading {
  readonly busy: number;
  /** Time in which the hypervisor ran something else. */
  readonly stolen: number;
}

/** What else the machine did while something was measured, in cores. */
export interface MachineUse {
  /** In use by processes that are neither under test nor the generator; the kernel's own work is in it. */
  readonly others: number;
  readonly stolen: number;
}

/** Up to so much used by others, a machine counts as quiet. */
export const QUIET_CORES = 0.1;

const TICKS_PER_SECOND = 100;
/** user, nice, system, irq, softirq in the first line of /proc/stat; time of guests is in user. */
const BUSY_FIELDS = [1, 2, 3, 6, 7];
const STOLEN_FIELD = 8;

/** `stat`: the contents of /proc/stat. */
export function readMachine(stat: string = readFileSync("/proc/stat", "utf8")): MachineReading {
  const fields = (stat.split("\n")[0] ?? "").split(/\s+/).map(Number);
  const seconds = (at: number): number => (fields[at] ?? 0) / TICKS_PER_SECOND;
  return { busy: BUSY_FIELDS.reduce((sum, at) => sum + seconds(at), 0), stolen: seconds(STOLEN_FIELD) };
}

/** `counted`: CPU-seconds of the processes under test and of the generator in these `seconds`. */
export function machineBetween(
  before: MachineReading,
  after: MachineReading,
  seconds: number,
  counted: number,
): MachineUse {
  return {
    others: Math.max((after.busy - before.busy - counted) / seconds, 0),
    stolen: Math.max((after.stolen - before.stolen) / seconds, 0),
  };
}

/** Mean and worst of what others used, as text. */
export function othersOf(runs: readonly { readonly machine: MachineUse }[]): string {
  const others = runs.map(({ machine }) => machine.others);
  const mean = others.reduce((sum, value) => sum + value, 0) / others.length;
  const worst = Math.max(...others);
  return `${mean.toFixed(2)}${worst > QUIET_CORES ? ` (up to ${worst.toFixed(2)}: busy)` : ""}`;
}

/** Load averages of 1, 5 and 15 minutes, as text. */
export function loadAverages(): string {
  return loadavg()
    .map((load) => load.toFixed(2))
    .join(" ");
}
