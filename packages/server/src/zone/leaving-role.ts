import type { Gateway } from "@hubbub/gateway";
import type { RunningRole } from "../readiness.ts";

/** A role that runs, how it leaves, and how it pauses while its zone is drained. */
export interface LeavingRole extends RunningRole {
  /** Of a gateway. */
  handOver?(): Promise<void>;
  /** Of a gateway. */
  readonly departures?: Gateway["departures"];
  /** Gives up what others can do, until `resume`. Returns early at the signal. Without it there is nothing to give up. */
  suspend?(signal: AbortSignal): Promise<void>;
  resume?(): void | Promise<void>;
  drain(deadline: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}
