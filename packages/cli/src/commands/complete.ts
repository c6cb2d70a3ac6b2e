import { candidates, readLine } from "../completion/candidates.ts";
import { unlessGone } from "../connected.ts";
import type { Environment } from "../environment.ts";
import type { Profiles } from "../profiles.ts";

/**
 * `hubbub __complete WORDS… BEGUN`, for the scripts of the shells: prints the names that may follow, one a line. `place` finds the
 * server and the profile. Says nothing of a failure: somebody is typing.
 */
export async function complete(
  env: Environment,
  profiles: Profiles,
  words: readonly string[],
  place: (given: { server: string | undefined; profile: string | undefined }) => Promise<Environment>,
): Promise<void> {
  try {
    const line = readLine(words.slice(0, -1));
    const names = candidates(await place(line), profiles, line, words.at(-1) ?? "");
    for (const name of await unlessGone(env.interrupted, names)) env.stdout.write(`${name}\n`);
  } catch {
    // There is nothing to complete.
  }
}
