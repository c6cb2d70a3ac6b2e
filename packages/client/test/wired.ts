import type { RoomEvent } from "@hubbub/protocol";
import { onTestFinished } from "vitest";
import { type Client, createClient } from "../src/client.ts";
import type { ClientState } from "../src/client-state.ts";
import type { Room } from "../src/room.ts";
import { FakeServer, ROOM } from "./fake-server.ts";

export interface Wired {
  readonly server: FakeServer;
  readonly client: Client;
  readonly room: Room;
  /** What the listener of the room got. */
  readonly events: RoomEvent[];
  readonly states: ClientState[];
}

/** A client that is connected to a fake server and listens to its room. Both end with the test. */
export async function startWired(prepare: (server: FakeServer) => void = () => undefined): Promise<Wired> {
  const server = new FakeServer();
  prepare(server);
  const url = await server.listen();
  const states: ClientState[] = [];
  const client = createClient({
    url,
    getToken: async (fresh) => (fresh ? "fresh" : "token"),
    onState: (state) => states.push(state),
  });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  await client.connect();
  const events: RoomEvent[] = [];
  const room = client.room(ROOM);
  await room.subscribe({ onEvent: (event) => events.push(event) });
  return { server, client, room, events, states };
}

export function seqsOf(events: readonly RoomEvent[]): number[] {
  return events.map(({ seq }) => seq);
}
