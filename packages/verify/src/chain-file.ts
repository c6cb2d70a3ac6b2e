import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { CHAIN_START, chainFaults } from "@hubbub/protocol";
import { type RoomChain, roomChain } from "@hubbub/protocol/http-chain";

export interface ChainVerdict {
  readonly links: number;
  /** Events of which a message that they name has moved since they were sealed. */
  readonly moved: number;
  /** false: links in front of the first one are not in the file, and were not checked. */
  readonly isFromStart: boolean;
  /** Of the last page; null: the file is empty. */
  readonly end: { readonly seq: number; readonly link: string } | null;
  readonly faults: readonly string[];
}

/** Checks pages of `GET /rooms/{id}/chain`, one a line, in their order. Needs nothing but the file. */
export async function checkChainFile(path: string): Promise<ChainVerdict> {
  const faults: string[] = [];
  let [links, moved] = [0, 0];
  let end: ChainVerdict["end"] = null;
  let room: string | undefined;
  let isFromStart = true;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === "") continue;
    const page = readPage(line);
    if (page === null)
      return { links, moved, isFromStart, end, faults: [...faults, "a line is no answer of GET /rooms/{id}/chain"] };
    if (room === undefined) isFromStart = page.before === CHAIN_START;
    room ??= page.room;
    if (page.room !== room) faults.push("the pages are of different rooms");
    if (end !== null && page.before !== end.link) faults.push(`a page is missing behind seq ${end.seq}`);
    faults.push(...(await chainFaults(page.before, page.entries)));
    const last = page.entries.at(-1);
    if (last === undefined) continue;
    links += page.entries.length;
    moved += page.entries.filter((entry) => entry.moved !== undefined).length;
    end = { seq: Number(last.event["seq"]), link: last.link };
    if (end.seq === page.sealed.seq && end.link !== page.sealed.link) faults.push("the newest link is another one");
  }
  return { links, moved, isFromStart, end, faults };
}

function readPage(line: string): RoomChain | null {
  try {
    return roomChain.safeParse(JSON.parse(line)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
