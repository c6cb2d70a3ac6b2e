import { parseArgs } from "node:util";
import type { Store } from "@hubbub/store";

interface SearchIndexOptions {
  readonly rebuild: boolean;
}

const LAG_MAX = 1_000_000;

/** null: not what the command takes. */
export function parseSearchIndexArguments(args: readonly string[]): SearchIndexOptions | null {
  try {
    const { rebuild = false } = parseArgs({ args: [...args], options: { rebuild: { type: "boolean" } } }).values;
    return { rebuild };
  } catch {
    return null;
  }
}

/** The index itself is written by a writer of the cluster; this only tells it to. Returns what to print. */
export async function searchIndexCommand(
  { assertSchema, searchIndex }: Store,
  options: SearchIndexOptions,
): Promise<string> {
  await assertSchema();
  const before = await searchIndex.status(LAG_MAX);
  const refusal = before.isReady ? null : await searchIndex.prepare();
  if (options.rebuild) await searchIndex.rebuild();
  const { isReady, lag, isComplete } = await searchIndex.status(LAG_MAX);
  const lines = [
    isReady ? "search is available." : `search is not available: ${refusal ?? "the index of trigrams is missing"}.`,
    `${lag} stored batches wait to be indexed.`,
    isComplete ? "all earlier messages are indexed." : "a writer is reading the earlier messages.",
  ];
  return `${lines.join("\n")}\n`;
}
