import { HubbubError, type HubbubHttp } from "@hubbub/client";
import { harmlessJson, type RoomId, type SearchResult } from "@hubbub/protocol";
import { clock, dayOf } from "../chat/render.ts";
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
    const names = isJson ? new Map() : await unlessStopped(namesOf(client.http, page.results));
    for (const result of page.results) env.stdout.write(`${isJson ? harmlessJson(result) : lineOf(result, names)}\n`);
    count += page.results.length;
    cursor = page.cursor;
  } while (cursor !== undefined && count === 0);
  if (count === 0) tell(env, "Nothing was found.");
  else if (cursor !== undefined) tell(env, "There may be more: add before:DAY, or search for more words.");
}

/** Of the rooms of one page. A room that was left meanwhile keeps its id. */
async function namesOf(http: HubbubHttp, results: readonly SearchResult[]): Promise<Map<RoomId, string>> {
  const rooms = [...new Set(results.map(({ room }) => room))].map(async (id): Promise<[RoomId, string]> => {
    const room = await http.room(id).catch((error: unknown) => {
      if (!(error instanceof HubbubError)) throw error;
      return undefined;
    });
    return [id, room?.name ?? id];
  });
  return new Map(await Promise.all(rooms));
}

function lineOf({ at, by, room, text, seq }: SearchResult, names: ReadonlyMap<RoomId, string>): string {
  return harmlessLine(`${dayOf(at)} ${clock(at)}  ${names.get(room) ?? room} #${seq}  ${by.username}: ${text}`);
}
