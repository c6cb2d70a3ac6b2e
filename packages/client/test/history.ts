import type { IncomingMessage } from "node:http";
import type { HistoryPage } from "@hubbub/protocol";
import type { FakeServer } from "./fake-server.ts";

/** Pages of history of the fake server's log. */
export function serveHistory(server: FakeServer): void {
  server.http = (request) =>
    request.url?.includes("/messages") ? { status: 200, body: pageOf(server, request) } : undefined;
}

function pageOf({ log, head, epoch }: FakeServer, { url = "" }: IncomingMessage): HistoryPage {
  const { searchParams } = new URL(url, "http://server");
  const limit = Number(searchParams.get("limit") ?? 50);
  const before = Number(searchParams.get("before") ?? Number.MAX_SAFE_INTEGER);
  const after = Number(searchParams.get("after") ?? 0);
  const inside = log.filter(({ seq }) => seq < before && seq > after).sort((one, other) => one.seq - other.seq);
  const messages = searchParams.has("after") ? inside.slice(0, limit) : inside.slice(-limit);
  const hasMore = messages.length < inside.length;
  const end = searchParams.has("after") ? messages.at(-1) : messages[0];
  return { messages, head, epoch, ...(hasMore && end !== undefined ? { cursor: end.seq } : {}) };
}
