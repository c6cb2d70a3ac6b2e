import { type Cluster, Person } from "@hubbub/testkit";
import type { Recorder, RecorderOptions } from "../checker/recorder.ts";

/** How clients come in. `gateways`: those that are reached without the front, if any. */
export type Entrance = Pick<Cluster, "url" | "wsUrl" | "gateways">;

const listenersPerRoom = 50;
const listenersPerUser = 100;

/** Starts a recorder; without a URL it comes through the front. */
export type MakeRecorder = (
  client: string,
  person: Person,
  rooms: readonly string[],
  url?: () => string,
  onEvent?: RecorderOptions["onEvent"],
) => Recorder;

/** Listeners by the fifty in rooms of their own, where one crier talks; few users with many connections each. */
export async function openCrowd(
  cluster: Entrance,
  listeners: number,
  record: MakeRecorder,
): Promise<{ criers: Recorder[]; listeners: Recorder[] }> {
  if (listeners === 0) return { criers: [], listeners: [] };
  const people = await Promise.all(
    Array.from({ length: Math.ceil(listeners / listenersPerUser) }, () => Person.arrive(cluster.url)),
  );
  const crier = await Person.arrive(cluster.url);
  const rooms = await Promise.all(
    Array.from({ length: Math.ceil(listeners / listenersPerRoom) }, async () => (await crier.createRoom()).id),
  );
  await Promise.all(people.flatMap((person) => rooms.map((room) => person.join(room))));
  const first = cluster.gateways[0];
  return {
    criers: [record("crier", crier, rooms)],
    listeners: Array.from({ length: listeners }, (_, index) => {
      const person = people[Math.floor(index / listenersPerUser)];
      if (person === undefined) throw new RangeError("more listeners than users have connections");
      let isFirst = true;
      const url = () => {
        const chosen = isFirst && first !== undefined ? `${first.url.replace("http", "ws")}/ws` : cluster.wsUrl;
        isFirst = false;
        return chosen;
      };
      return record(`listener-${index}`, person, [roomOf(rooms, index)], url);
    }),
  };
}

/** Rooms in turn. */
export function roomOf(rooms: readonly string[], index: number): string {
  const room = rooms[index % rooms.length];
  if (room === undefined) throw new RangeError("a load has at least one room");
  return room;
}
