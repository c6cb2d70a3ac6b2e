import { CHAIN_START, chainFaults, type RoomChain } from "@hubbub/protocol";
import { withLists } from "./answer-of.ts";
import { HubbubError } from "./hubbub-error.ts";
import { withQuery } from "./with-query.ts";

type Call = <Answer>(method: string, path: string, body?: object) => Promise<Answer>;

/** Faults that are told of one chain. */
const FAULTS_MAX = 1_000;

export interface ChainReport {
  readonly links: number;
  /** What is wrong, one sentence each; none: the chain is intact. At most 1,000. */
  readonly faults: readonly string[];
  /** The newest link. Who keeps it notices later whether the room was changed behind it. */
  readonly sealed: { readonly seq: number; readonly link: string };
}

/** Hash chains of rooms over HTTP: docs/rooms.md. */
export class HttpChains {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  /** For owners: chains the stored events of the room from the first one on, for good. @throws HubbubError forbidden */
  begin(room: string): Promise<void> {
    return this.#call("PUT", pathOf(room));
  }

  /** At most 100 links by rising seq; `next` of the answer is `from` of the next page. @throws HubbubError not_found */
  async page(room: string, query: { from?: number | undefined; to?: number | undefined } = {}): Promise<RoomChain> {
    return withLists(await this.#call<RoomChain>("GET", withQuery(pathOf(room), query)), "entries");
  }

  /** Reads the whole chain and checks it on this machine. @throws HubbubError not_found for a room without one */
  async check(room: string): Promise<ChainReport> {
    const faults: string[] = [];
    let links = 0;
    let before = CHAIN_START;
    let page = await this.page(room);
    for (;;) {
      if (page.before !== before)
        faults.push(`seq ${page.entries[0]?.event["seq"]}: the page does not follow the last one`);
      faults.push(...(await chainFaults(page.before, page.entries)));
      before = page.entries.at(-1)?.link ?? page.before;
      links += page.entries.length;
      const { next: from, sealed } = page;
      if (from === undefined || page.entries.length === 0)
        return { links, faults: faults.slice(0, FAULTS_MAX), sealed };
      if (faults.length >= FAULTS_MAX) return { links, faults: faults.slice(0, FAULTS_MAX), sealed };
      page = await this.page(room, { from });
      // Else it would never end.
      if (page.next !== undefined && page.next <= from) throw new HubbubError("unexpected_answer");
    }
  }
}

const pathOf = (room: string) => `/rooms/${encodeURIComponent(room)}/chain`;
