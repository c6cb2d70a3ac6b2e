import type { MachineUse } from "../measure/machine-load.ts";
import type { CpuSeconds, ProcessGroup } from "../measure/process-usage.ts";
import type { DialectName } from "./dialects.ts";
import type { LoadPlan } from "./load-plan.ts";

export interface ReturningMember {
  readonly token: string;
  readonly room: string;
}

/** Who loses its server, where everybody comes back to, and who talks there meanwhile. Sent to the generator as it is. */
export interface StormPlan {
  readonly dialect: Extract<DialectName, "hubbub" | "centrifugo">;
  readonly members: readonly ReturningMember[];
  /** As many clients that are on the survivor all the time, in the same rooms: a cluster in balance. */
  readonly neighbours: readonly ReturningMember[];
  readonly doomed: { readonly pid: number; readonly port: number };
  readonly survivorPort: number;
  /** On the survivor, one for each room. */
  readonly talkers: LoadPlan;
}

export interface StormRun {
  /** Messages a second of all talkers. */
  readonly rate: number;
  readonly warmupMs: number;
  /** How long the talkers' cost is measured before the server is killed. */
  readonly quietMs: number;
  /** Over how long the first tries are spread. */
  readonly spreadMs: number;
  readonly deadlineMs: number;
  readonly groups: readonly ProcessGroup[];
}

export interface ReconnectTimes {
  readonly resumed: number;
  /** From the break until half, 99 % and all of them were live again; null: not within the deadline. */
  readonly halfMs: number | null;
  readonly mostMs: number | null;
  readonly allMs: number | null;
  /** CPU-seconds by group, from the break until 99 % were live again, or to the deadline. */
  readonly cpu: CpuSeconds;
}

export interface StormResult extends ReconnectTimes {
  readonly clients: number;
  readonly tries: number;
  /** The second storm: the same clients reconnect to the same survivor. */
  readonly again: ReconnectTimes;
  /** Cores by group before the kill, with the talkers alone. */
  readonly quietCores: CpuSeconds;
  readonly machine: MachineUse;
  /** Histograms of microseconds, publish to ack: before the kill, and from it to a second after 99 % were back. */
  readonly quietAckMicroseconds: number[];
  readonly ackMicroseconds: number[];
  readonly talked: Talked;
  readonly faults: StormFaults;
}

/** Publishes of the whole run. */
export interface Talked {
  readonly sent: number;
  readonly acked: number;
  /** Before the kill, and from it on. */
  readonly refusedBefore: number;
  readonly refused: number;
  readonly firstError: string;
}

export interface StormFaults {
  /** Events missing, doubled or out of order, over all returning clients. */
  readonly order: number;
  /** Resumptions that the server answered without what was missed. */
  readonly unrecovered: number;
  /** Clients that had not all events of their room in the end. */
  readonly behind: number;
}
