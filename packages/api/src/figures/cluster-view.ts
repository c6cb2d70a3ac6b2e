import type { FiguresOfNodes } from "@hubbub/broker";
import type { RoomId } from "@hubbub/protocol";
import { type BusyRoom, type ClusterView, toldNode } from "@hubbub/protocol/http-figures";
import type { MinuteStats } from "@hubbub/store";

/** Busiest rooms of the whole cluster. */
const BUSIEST_SHOWN = 20;

/** What all processes told. What one of another build told in a way that this one does not know is left out. */
export async function viewCluster(figures: FiguresOfNodes, stats: MinuteStats, now: number): Promise<ClusterView> {
  const rates = new Map<RoomId, number>();
  const nodes = (await figures.told()).flatMap(({ text, agoMs }) => {
    const told = toldNode.safeParse(JSON.parse(text));
    if (!told.success) return [];
    const { busiest, ...node } = told.data;
    // What a silent process told of rooms is over.
    if (agoMs < SILENT_MS) {
      for (const { room, perSecond } of busiest) rates.set(room, (rates.get(room) ?? 0) + perSecond);
    }
    return [{ ...node, seenAt: Math.max(0, Math.round(now - agoMs)) }];
  });
  nodes.sort((one, other) => (one.node < other.node ? -1 : 1));
  const busiest = [...rates].sort(([, one], [, other]) => other - one).slice(0, BUSIEST_SHOWN);
  return { at: now, nodes, busiest: await named(stats, busiest) };
}

const SILENT_MS = 10_000;

/** A server role opens no private room: its name is not shown either. */
async function named(stats: MinuteStats, rates: readonly (readonly [RoomId, number])[]): Promise<BusyRoom[]> {
  if (rates.length === 0) return [];
  const found = await stats.names(rates.map(([room]) => room));
  const names = new Map(found.flatMap(({ id, name, visibility }) => (visibility === "public" ? [[id, name]] : [])));
  return rates.map(([room, perSecond]) => {
    const name = names.get(room);
    return { room, perSecond, ...(name === undefined ? {} : { name }) };
  });
}
