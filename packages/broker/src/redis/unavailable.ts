import { BrokerUnavailable } from "../roles/broker-unavailable.ts";

/** Errors of a Redis that cannot serve now: loading, demoted, full, busy with a script, or taken over by a later generation. */
const TEMPORARY = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MISCONF|NOREPLICAS|OOM|BUSY|OVER)\b/;

/** Turns errors of an unreachable log into `BrokerUnavailable`; other errors are bugs and pass unchanged. */
export async function withBrokerErrors<Answer>(answer: Promise<Answer>): Promise<Answer> {
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
