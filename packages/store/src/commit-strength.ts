import type { WriterCommit } from "./store.ts";

/** Applies to the transaction of its statement only, and needs no round trip of its own. */
export function commitAs(strength: WriterCommit): string {
  return `set_config('synchronous_commit', '${strength}', true)`;
}
