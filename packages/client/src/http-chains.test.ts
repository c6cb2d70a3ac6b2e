import { CHAIN_START, commitmentOf, linkOf, partsOf } from "@hubbub/protocol";
import { expect, onTestFinished, test } from "vitest";
import { FakeServer, ROOM } from "../test/fake-server.ts";
import { HubbubHttp } from "./http.ts";

/** A chain of `count` events, as a server answers it. */
async function chainOf(count: number) {
  const entries: { event: Record<string, unknown>; salt: string; commitment: string; link: string }[] = [];
  let link = CHAIN_START;
  for (let seq = 1; seq <= count; seq += 1) {
    const event = { type: "event", room: ROOM, seq, kind: "message", text: `m${seq}` };
    const { head, content } = partsOf(event);
    const commitment = await commitmentOf("salt", content);
    link = await linkOf(link, head, commitment);
    entries.push({ event, salt: "salt", commitment, link });
  }
  return entries;
}

test("a chain is read page by page and checked; a changed word and a page that does not follow are told", async () => {
  const server = new FakeServer();
  const entries = await chainOf(5);
  server.http = ({ url = "" }) => {
    const from = Number(new URL(url, "http://server").searchParams.get("from") ?? 1);
    const page = entries.slice(from - 1, from + 1);
    const next = from + 2 > entries.length ? {} : { next: from + 2 };
    const sealed = { seq: 5, link: entries[4]?.link };
    return {
      status: 200,
      body: { room: ROOM, before: entries[from - 2]?.link ?? CHAIN_START, entries: page, sealed, ...next },
    };
  };
  const { chains } = new HubbubHttp({ url: await server.listen(), getToken: async () => "token" });
  onTestFinished(() => server.close());
  expect(await chains.check(ROOM)).toEqual({ links: 5, faults: [], sealed: { seq: 5, link: entries[4]?.link } });
  if (entries[3] !== undefined) entries[3] = { ...entries[3], event: { ...entries[3].event, text: "forged" } };
  expect((await chains.check(ROOM)).faults).toEqual([expect.stringContaining("seq 4")]);
  entries.splice(1, 1);
  expect((await chains.check(ROOM)).faults).not.toEqual([]);
});
