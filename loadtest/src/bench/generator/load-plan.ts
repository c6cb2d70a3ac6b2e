import type { MachineUse } from "../measure/machine-load.ts";
import type { CpuSeconds, ProcessGroup } from "../measure/process-usage.ts";
import type { Crowd, DialectName } from "./dialects.ts";

/** Who connects where, and who talks. Sent to the generator's process as it is. */
export interface LoadPlan {
  readonly dialect: DialectName;
  readonly crowds: readonly Crowd[];
  readonly senders: readonly Sender[];
  readonly textBytes: number;
  /** Deliveries that one message must cause among the crowds. */
  readonly copies: number;
  /** Time every delivery from its sending, not only those on the connection that is read in full. */
  readonly timeDeliveries: boolean;
}

export interface Sender {
  /** Index into the crowds, and into the members of that crowd. */
  readonly crowd: number;
  readonly member: number;
  readonly room: string;
}

export interface Run {
  /** Open: so many messages a second in all, by the clock. Closed: so many unanswered per sender. */
  readonly drive: { readonly open: number } | { readonly closed: number };
  readonly warmupMs: number;
  readonly windowMs: number;
  /** How long the rest may take to arrive after the last was sent. */
  readonly drainMs: number;
  /** Whose CPU time is read at both ends of the window. */
  readonly groups: readonly ProcessGroup[];
}

export interface Counts {
  readonly sent: number;
  readonly acked: number;
  readonly delivered: number;
}

export interface RunResult {
  readonly windowSeconds: number;
  readonly window: Counts;
  /** CPU seconds in the window, by group; the generator's own is `generator`. */
  readonly cpu: CpuSeconds;
  /** What else the machine did in the window. */
  readonly machine: MachineUse;
  /** Of the whole run, warm-up and drain included. */
  readonly total: Counts;
  readonly expectedDeliveries: number;
  /** On the one connection that is read in full: numbers missing, doubled or out of order. */
  readonly orderFaults: number;
  readonly errors: number;
  readonly firstError: string;
  /** Histograms of microseconds, as arrays: publish to ack, and publish to delivery where it is timed. */
  readonly ackMicroseconds: number[];
  readonly deliveryMicroseconds: number[];
}
