import { BrokerUnavailable } from "../roles/broker-unavailable.ts";

/** Answers of a Redis that is there and cannot serve now: loading, demoted, full, stuck in a script, or kept for a later life. */
const TEMPORARY = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MISCONF|NOREPLICAS|OOM|BUSY|OVER)\b/;

/** The one place that tells a log that cannot be reached from a fault of ours: only the latter travels as it is. */
export async function reaching<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw toBrokerError(error);
  }
}

export function toBrokerError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof BrokerUnavailable) return error;
  if (error.name === "ReplyError" && !TEMPORARY.test(error.message)) return error;
  return new BrokerUnavailable("the log cannot be reached", { cause: error });
}
