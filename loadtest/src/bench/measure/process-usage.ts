import { readFileSync } from "node:fs";

/** Processes that are counted together, by the pids of their roots; children (of Postgres, for one) count too. */
export interface ProcessGroup {
  readonly name: string;
  readonly roots: readonly number[];
}

export type CpuSeconds = Readonly<Record<string, number>>;

/** Ticks of /proc/<pid>/stat: USER_HZ is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
/** Positions in /proc/<pid>/stat behind the closing bracket of the name: utime, stime, cutime, cstime. */
const CPU_FIELDS = [11, 12, 13, 14];
const BYTES_PER_KB = 1_024;

/** User and system time since each process started, all its threads and its children, those that ended included. */
export function cpuSeconds(groups: readonly ProcessGroup[]): CpuSeconds {
  return Object.fromEntries(
    groups.map(({ name, roots }) => [name, roots.reduce((sum, root) => sum + cpuSecondsOfTree(root), 0)]),
  );
}

export function cpuBetween(before: CpuSeconds, after: CpuSeconds): CpuSeconds {
  return Object.fromEntries(Object.entries(after).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]));
}

/** Resident memory of one process, bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} tells no VmRSS`);
  return Number(kilobytes) * BYTES_PER_KB;
}

export function parentOf(pid: number): number {
  return Number(statFields(pid)[1]);
}

function cpuSecondsOfTree(root: number): number {
  const fields = statFields(root);
  const ticks = CPU_FIELDS.reduce((sum, at) => sum + Number(fields[at]), 0);
  return childrenOf(root).reduce((sum, child) => sum + cpuSecondsOfChild(child), ticks / TICKS_PER_SECOND);
}

/** A child may end between being listed and being read: its time is then in its parent's, from the next reading on. */
function cpuSecondsOfChild(pid: number): number {
  try {
    return cpuSecondsOfTree(pid);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return 0;
    throw error;
  }
}

function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return list === "" ? [] : list.split(" ").map(Number);
}

/** What follows the name, which may itself hold blanks and brackets. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
