import { type Environment, tell } from "../environment.ts";
import { harmlessLines } from "../harmless.ts";

interface Unsent {
  /** The next start sends it; `isLoggedOut`: the next one with a login of this user. */
  readonly isLoggedOut: boolean;
  readonly kept: readonly string[];
  readonly unsent: readonly string[];
  readonly typed: readonly string[];
}

/** Nothing that somebody wrote is lost without a word. */
export function tellUnsent(env: Environment, { isLoggedOut, kept, unsent, typed }: Unsent): void {
  const list = (texts: readonly string[]): void => {
    for (const line of texts.flatMap(harmlessLines)) tell(env, `    ${line}`);
  };
  const next = isLoggedOut
    ? "it is kept, and hubbub chat sends it when you are logged in again"
    : "the next hubbub chat sends it";
  if (kept.length > 0) tell(env, `not sent yet; ${next}:`);
  list(kept);
  if (unsent.length > 0) tell(env, "no ack came for:");
  list(unsent);
  if (typed.length > 0) tell(env, "typed and not sent:");
  list(typed);
}
