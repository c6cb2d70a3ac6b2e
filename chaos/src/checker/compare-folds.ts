import type { HistoryPage } from "@hubbub/protocol";
import type { Person } from "@hubbub/testkit";
import { NO_STATE, RoomFold, textOfState } from "./room-fold.ts";

const EXAMPLES_MAX = 5;

export interface FoldDifferences {
  count: number;
  readonly examples: string[];
}

/**
 * Reads the whole history of rooms over HTTP, as members, and compares the states of its pages with a fold of its events, and
 * with the fold of what one client received. `clients`: by room; none where the data was set back under them. Call it when
 * everything is stored and delivered.
 */
export async function compareFolds(
  members: ReadonlyMap<string, Person>,
  clients: ReadonlyMap<string, RoomFold>,
): Promise<FoldDifferences> {
  const differences: FoldDifferences = { count: 0, examples: [] };
  const tell = (what: string) => {
    differences.count += 1;
    if (differences.examples.length < EXAMPLES_MAX) differences.examples.push(what);
  };
  for (const [room, member] of members) {
    const { fold, shown } = await readPages(member, room);
    compareRoom(room, { of: "pages", fold, shown, texts: fold.texts }, tell);
    const client = clients.get(room);
    if (client !== undefined) compareRoom(room, { of: "a client", fold: client, shown, texts: fold.texts }, tell);
  }
  return differences;
}

interface Comparison {
  readonly of: string;
  readonly fold: RoomFold;
  /** States of pages by message. */
  readonly shown: ReadonlyMap<number, string>;
  /** Texts of pages by message. */
  readonly texts: ReadonlyMap<number, string>;
}

function compareRoom(room: string, { of, fold, shown, texts }: Comparison, tell: (what: string) => void): void {
  const { states: folded, texts: known } = fold;
  for (const [seq, text] of texts) {
    const [state, due] = [shown.get(seq) ?? NO_STATE, folded.get(seq) ?? NO_STATE];
    if (state !== due) tell(`room ${room}: ${seq} is ${state} on its page, and ${due} in the fold of ${of}`);
    const received = known.get(seq);
    const isDeleted = text === "" && received !== undefined;
    if (received !== text && !isDeleted) tell(`room ${room}: ${seq} has one text on its page, and another in ${of}`);
  }
}

async function readPages(member: Person, room: string): Promise<{ fold: RoomFold; shown: Map<number, string> }> {
  const fold = new RoomFold();
  const shown = new Map<number, string>();
  for (let after = 0; ; ) {
    const { messages, states = [] }: HistoryPage = await member.history(room, `limit=200&after=${after}`);
    for (const event of messages) fold.add(event);
    for (const state of states) shown.set(state.seq, textOfState(state));
    const last = messages.at(-1);
    if (last === undefined) return { fold, shown };
    after = last.seq;
  }
}
