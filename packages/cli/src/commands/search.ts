import { harmlessJson, type SearchResult } from "@hubbub/protocol";
import { clock } from "../chat/render.ts";
import { createConnected } from "../connected.ts";
import { type Environment, tell } from "../environment.ts";
import { harmlessLine } from "../harmless.ts";

/** One page, the newest first; a page without a result that has a cursor is followed by the next. */
export async function search(env: Environment, query: string, isJson: boolean): Promise<void> {
  await using connected = await createConnected(env, undefined);
  const { client, unlessStopped } = connected;
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await unlessStopped(client.http.search(query, cursor));
    for (const result of page.results) env.stdout.write(`${isJson ? harmlessJson(result) : lineOf(result)}\n`);
    count += page.results.length;
    cursor = page.cursor;
  } while (cursor !== undefined && count === 0);
  if (count === 0) tell(env, "Nothing was found.");
  else if (cursor !== undefined) tell(env, "There may be more: add before:DAY, or search for more words.");
}

function lineOf({ at, by, room, text }: SearchResult): string {
  const day = new Date(at).toISOString().slice(0, 10);
  return harmlessLine(`${day} ${clock(at)}  ${room}  ${by.username}: ${text}`);
}
