import { answerOf } from "./answer-of.ts";
import { HubbubError } from "./hubbub-error.ts";
import { unreachable } from "./unreachable.ts";

/** Hashing a password behind a full queue is the slowest thing a server does. */
const HTTP_TIMEOUT_MS = 20_000;

/** @throws HubbubError for whatever is no good answer */
export async function send<Answer>(url: string, request: RequestInit): Promise<Answer> {
  const signal = AbortSignal.timeout(HTTP_TIMEOUT_MS);
  const { response, text } = await fetchText(url, { ...request, signal }).catch((cause: unknown) => {
    throw signal.aborted ? new HubbubError("timeout", undefined, { cause }) : unreachable(cause);
  });
  return answerOf<Answer>(response.status, text);
}

/** The body is a part of the exchange: the connection may break in the middle of it. */
async function fetchText(url: string, request: RequestInit): Promise<{ response: Response; text: string }> {
  const response = await fetch(url, request);
  return { response, text: await response.text() };
}

export function jsonHeaders(): Record<string, string> {
  return { "content-type": "application/json" };
}
