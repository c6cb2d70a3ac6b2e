import { type Environment, tell } from "../environment.ts";
import { harmlessLines } from "../harmless.ts";

/** Nothing that somebody wrote is lost without a word. */
export function tellUnsent(env: Environment, unsent: readonly string[], typed: readonly string[]): void {
  const list = (texts: readonly string[]): void => {
    for (const line of texts.flatMap(harmlessLines)) tell(env, `    ${line}`);
  };
  if (unsent.length > 0) tell(env, "no ack came for:");
  list(unsent);
  if (typed.length > 0) tell(env, "typed and not sent:");
  list(typed);
}
