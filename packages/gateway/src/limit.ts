import pLimit from "p-limit";
import { overloaded } from "./overloaded.ts";

/** Runs work, a bounded number at a time; the rest waits in order. */
export type Limit = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** A call that finds `queueMax` others waiting is refused with `message`. @throws ProtocolError overloaded */
export function createLimit(concurrency: number, queueMax: number, message: string): Limit {
  const limit = pLimit(concurrency);
  return async (work) => {
    if (limit.pendingCount >= queueMax) throw overloaded(message);
    return await limit(work);
  };
}
