import { type MachineReading, type MachineUse, machineBetween, readMachine } from "./machine-load.ts";
import { type CpuSeconds, cpuBetween, cpuSeconds, type ProcessGroup } from "./process-usage.ts";

const MS_PER_SECOND = 1_000;

/** A reading of the processes under test and of the whole machine at the same moment. */
export interface Usage {
  /** By performance.now(). */
  readonly at: number;
  readonly cpu: CpuSeconds;
  readonly machine: MachineReading;
}

export interface UsageBetween {
  readonly seconds: number;
  readonly cpu: CpuSeconds;
  readonly machine: MachineUse;
}

export function readUsage(groups: readonly ProcessGroup[]): Usage {
  return { at: performance.now(), cpu: cpuSeconds(groups), machine: readMachine() };
}

export function usageBetween(before: Usage, after: Usage): UsageBetween {
  const seconds = (after.at - before.at) / MS_PER_SECOND;
  const cpu = cpuBetween(before.cpu, after.cpu);
  const counted = Object.values(cpu).reduce((sum, used) => sum + used, 0);
  return { seconds, cpu, machine: machineBetween(before.machine, after.machine, seconds, counted) };
}
