import { newId, type RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { createRoom, type GetStore } from "./fixtures.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const NONE = { rooms: 0, accepted: 0, delivered: 0, stored: 0, refused: 0, cpu: 0, memory: 0, unstored: 0, lag: 0 };

export function minuteStatsContract(getStore: GetStore): void {
  const minuteAgo = (count: number) => new Date((Math.floor(Date.now() / MINUTE_MS) - count) * MINUTE_MS);

  test("minutes add up over nodes, and of the times of acks the highest counts", async () => {
    const { stats } = getStore();
    const [one, two, room] = [newId(), newId(), newId<RoomId>()];
    const [before, last] = [minuteAgo(2), minuteAgo(1)];
    const range = { from: before, to: minuteAgo(0) };
    const figures = { ...NONE, connections: 2, loop: 0.5 };
    await stats.put({ node: one, minute: before, figures: { ...figures, connections: 9 }, busiest: {} });
    await stats.put({ node: one, minute: before, figures, busiest: { [room]: 1.5 } });
    await stats.put({ node: one, minute: last, figures: { ...figures, acceptP99: 7, loop: 0.1 }, busiest: {} });
    await stats.put({
      node: two,
      minute: before,
      figures: { ...figures, loop: 0.9, acceptP99: 3 },
      busiest: { [room]: 2 },
    });
    expect(await stats.minutes(range, one)).toEqual([
      { at: before, ...figures, acceptP50: undefined, acceptP99: undefined },
      { at: last, ...figures, loop: 0.1, acceptP50: undefined, acceptP99: 7 },
    ]);
    const [both] = await stats.minutes(range);
    expect(both).toMatchObject({ connections: 4, loop: 0.9, acceptP99: 3 });
    expect(await stats.ofRoom(room, range)).toEqual([{ at: before, perSecond: 3.5 }]);
    expect(await stats.ofRoom(room, { from: last, to: range.to })).toEqual([]);
  });

  test("rows go after eight days", async () => {
    const { stats } = getStore();
    const node = newId();
    const old = new Date(Date.now() - 8 * DAY_MS - MINUTE_MS);
    const figures = { ...NONE, connections: 1, loop: 0 };
    const range = { from: new Date(old.getTime() - MINUTE_MS), to: new Date() };
    await stats.put({ node, minute: old, figures, busiest: {} });
    expect(await stats.minutes(range, node)).toHaveLength(1);
    await stats.put({ node, minute: minuteAgo(1), figures, busiest: {} });
    expect(await stats.minutes(range, node)).toMatchObject([{ at: minuteAgo(1) }]);
  });

  test("names are those of rooms that are there", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const closed = await createRoom(store);
    await store.rooms.close(closed.room, { by: closed.owner.id });
    const found = await store.stats.names([room, closed.room, newId<RoomId>()]);
    expect(found.map(({ id }) => id)).toEqual([room]);
    expect(owner).toBeDefined();
  });
}
