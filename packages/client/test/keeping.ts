import { onTestFinished } from "vitest";
import { createClient } from "../src/client.ts";
import type { HubbubError } from "../src/hubbub-error.ts";
import type { OutboxStorage } from "../src/outbox-storage.ts";
import { ALICE, FakeServer, ROOM } from "./fake-server.ts";
import { serveHistory } from "./history.ts";

/** A server with a history, until the test ends. */
export async function startServer(): Promise<{ server: FakeServer; url: string }> {
  const server = new FakeServer();
  serveHistory(server);
  const url = await server.listen();
  onTestFinished(() => server.close());
  return { server, url };
}

/** A client of Alice that keeps its events in `outbox`, until the test ends. */
export function startKeeping(url: string, outbox: OutboxStorage, errors: HubbubError[] = []) {
  const client = createClient({
    url,
    getToken: async () => "token",
    outbox,
    onOutboxError: (error) => errors.push(error),
  });
  onTestFinished(() => client.close({ waitMs: 0 }));
  return client;
}

export const textsIn = ({ log }: FakeServer) =>
  log.map((event) => (event.kind === "message" ? event.text : event.kind));
export const keptMessage = (id: string, at = Date.now()) =>
  ({ type: "publish", room: ROOM, id, text: id, at, after: 0 }) as const;
export const ownerAt = (url: string) => `${url.replace("http", "ws")}/ws ${ALICE.id}`;
