import { SearchQueryError } from "@hubbub/protocol";
import { pause } from "@hubbub/runtime";
import { createSearcher } from "@hubbub/search";
import { type JobContext, type Outcome, TaskRefused, type Work } from "./job-context.ts";

/** Messages that are found; pages of the index that are looked at. */
const FOUND_MAX = 200;
const PAGES_MAX = 20;
const NAMED = 10;
/** It rests for so many times as long as a page took. */
const REST = 2;

/** Messages of the room that match, the newest first, beyond what one page of search shows. */
export async function search({ store }: JobContext, { task, signal, progress }: Work): Promise<Outcome> {
  if (task.args.trim() === "") throw new TaskRefused("say what to search for");
  const searcher = createSearcher(store.search);
  // Without texts: what is deleted later is in no result.
  const found: { seq: number; at: number }[] = [];
  let cursor: string | undefined;
  for (let pages = 1; found.length < FOUND_MAX && pages <= PAGES_MAX; pages += 1) {
    signal.throwIfAborted();
    const begunAt = performance.now();
    const page = await searcher.page(task.user, `${task.args} in:${task.room}`, cursor).catch(refuseTypos);
    const inRoom = page.results.filter(({ room }) => room === task.room);
    found.push(...inRoom.map(({ seq, at }) => ({ seq, at })));
    progress(found.length, FOUND_MAX);
    cursor = page.cursor;
    if (cursor === undefined) break;
    await pause((performance.now() - begunAt) * REST, signal);
  }
  const messages = found.slice(0, FOUND_MAX);
  const isAll = cursor === undefined && found.length <= FOUND_MAX;
  const seqs = messages.slice(0, NAMED).map(({ seq }) => `#${seq}`);
  const more = messages.length > NAMED ? " …" : "";
  return {
    note:
      messages.length === 0
        ? "nothing found"
        : `${messages.length}${isAll ? "" : " or more"} found: ${seqs.join(" ")}${more}`,
    result: { messages, isAll },
  };
}

function refuseTypos(error: unknown): never {
  throw error instanceof SearchQueryError ? new TaskRefused(error.message) : error;
}
