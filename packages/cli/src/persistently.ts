import { setTimeout as sleep } from "node:timers/promises";
import { HubbubError } from "@hubbub/client";

const ATTEMPTS = 3;
const WAIT_MS = 1_000;
const WAIT_MAX_MS = 5_000;
/** What a connection says that broke in the middle of an exchange. One that was never made had no effect. */
const BROKEN = new Set(["ECONNRESET", "EPIPE", "ETIMEDOUT", "UND_ERR_SOCKET"]);

/** Tries a creation again when its answer was lost. The client gives it the same id, so that it is made once. */
export async function persistently<Result>(create: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await create();
    } catch (error) {
      const isWorthIt = mayHaveHappened(error) || (error instanceof HubbubError && error.code === "overloaded");
      if (!isWorthIt || attempt === ATTEMPTS) throw error;
      await sleep(Math.min(error.retryAfterMs ?? WAIT_MS, WAIT_MAX_MS));
    }
  }
}

/** Whether the server may have done what was asked, although it did not say so. */
export function mayHaveHappened(error: unknown): error is HubbubError {
  if (!(error instanceof HubbubError)) return false;
  if (error.code === "unreachable") return BROKEN.has(systemCode(error.cause));
  return error.code === "timeout" || error.code === "unavailable" || error.code === "internal";
}

/** `fetch` hides it in a cause, and of several addresses in a list. */
function systemCode(error: unknown): string {
  if (error instanceof AggregateError) return systemCode(error.errors[0]);
  if (!(error instanceof Error)) return "";
  return "code" in error && typeof error.code === "string" ? error.code : systemCode(error.cause);
}
