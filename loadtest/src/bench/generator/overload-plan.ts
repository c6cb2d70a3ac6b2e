import type { MachineUse } from "../measure/machine-load.ts";
import type { CpuSeconds, ProcessGroup } from "../measure/process-usage.ts";

export interface OverloadRun {
  /** Unanswered messages per sender by which the saturated rate is found. */
  readonly inFlight: number;
  readonly warmupMs: number;
  readonly windowMs: number;
  /** What is offered in the overload, and after it, as shares of the saturated rate. */
  readonly factor: number;
  readonly calm: number;
  readonly overloadMs: number;
  readonly recoveryMs: number;
  /** Deliveries that one message must cause. */
  readonly copies: number;
  readonly groups: readonly ProcessGroup[];
}

/** Rates are messages a second. */
export interface OverloadResult {
  readonly saturated: number;
  /** What was in fact sent, and what of it was acknowledged, while overloaded. */
  readonly offered: number;
  readonly goodput: number;
  /** Acknowledged in the worst second of the overload. */
  readonly slowest: number;
  readonly seconds: number;
  readonly refused: number;
  /** In the calm after it. */
  readonly refusedAfter: number;
  readonly firstError: string;
  /** From the end of the overload to the last refusal or late answer; null: they did not end. */
  readonly recoveryMs: number | null;
  /** Histogram of microseconds, publish to ack, while overloaded. */
  readonly ackMicroseconds: number[];
  /** CPU-seconds by group while overloaded. */
  readonly cpu: CpuSeconds;
  readonly machine: MachineUse;
}
