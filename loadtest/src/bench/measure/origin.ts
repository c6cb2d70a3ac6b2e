import { git } from "../../git.ts";
import type { Machine, Versions } from "./machine.ts";

/** What was measured, and where. */
export interface Origin {
  /** Short hash; with a mark if the working tree had other code. */
  readonly commit: string;
  readonly machine: Machine;
  readonly versions: Versions;
}

export const UNKNOWN_COMMIT = "unknown";
/** Without reports: they are no code, and a run writes them. */
const CODE = [":/", ":(exclude,top)*.md", ":(exclude,top)loadtest/results"];

export async function describeOwnCommit(): Promise<string> {
  try {
    const commit = await git("rev-parse", "--short=8", "HEAD");
    const changes = await git("status", "--porcelain", "--untracked-files=no", "--", ...CODE);
    return changes === "" ? commit : `${commit} with changes`;
  } catch {
    return UNKNOWN_COMMIT;
  }
}

/** How `origin` differs from the one of the latest run, or null. */
export function differenceOf(origin: Origin, latest: Origin): string | null {
  const isEqual = (part: keyof Origin): boolean => JSON.stringify(origin[part]) === JSON.stringify(latest[part]);
  const marks = [
    ...(isEqual("commit") ? [] : ["older commit"]),
    ...(isEqual("machine") ? [] : ["another machine or kernel"]),
    ...(isEqual("versions") ? [] : ["other versions"]),
  ];
  return marks.length === 0 ? null : marks.join(", ");
}
