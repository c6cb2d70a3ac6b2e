import { SETTING_NAMES } from "./settings.ts";

const PREFIX = "HUBBUB_";
/** Settings of earlier versions, with what does their work now. */
const FORMER: Readonly<Record<string, string>> = {
  FLUSH_HOT_PER_SECOND: "GATHER_FROM_PERCENT",
  POSTS_PER_SECOND_PER_USER: "PUBLISHES_PER_SECOND_PER_USER",
};
/** Shorter names are close to too much that is no mistake. */
const SHORT = 8;

/** Variables that are no settings and were one, or look like one that was written wrong, each in a sentence. */
export function unknownSettings(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const known = new Set(SETTING_NAMES);
  return Object.keys(env).flatMap((name) => {
    if (known.has(name)) return [];
    const now = FORMER[name];
    if (now !== undefined) return [`${name} is no setting any more and has no effect. Set ${now} instead.`];
    const meant = SETTING_NAMES.find((setting) => isMeant(name, setting));
    return meant === undefined ? [] : [`${name} is no setting and has no effect. Did you mean ${meant}?`];
  });
}

function isMeant(name: string, setting: string): boolean {
  const upper = name.toUpperCase();
  if (upper === setting || upper === PREFIX + setting) return true;
  // Names of other programs that have our word in them: TEST_REDIS_URL, PGHOST.
  return distance(name, setting) <= (setting.length < SHORT ? 0 : 2);
}

/** Single characters to add, drop or change until one word is the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const changed = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
