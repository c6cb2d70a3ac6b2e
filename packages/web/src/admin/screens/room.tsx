import type { RoomId } from "@hubbub/protocol";
import type { RoomView } from "@hubbub/protocol/http-figures";
import { useRef } from "react";
import { count, momentAt } from "../figures-words.ts";
import { useOperator } from "../operator-context.ts";
import { Chart } from "../parts/chart.tsx";
import { Freshness } from "../parts/freshness.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Tile, Tiles } from "../parts/tile.tsx";
import { hashOf } from "../place.ts";
import { linesOf } from "../series.ts";
import { type Live, useLive } from "../use-live.ts";
import { LIVE_MS } from "./cluster.tsx";

/** One room: how busy it is and who serves it, and nothing of what is said. */
export function RoomScreen({ room }: { room: RoomId }) {
  const operator = useOperator();
  const live = useLive(`room ${room}`, LIVE_MS, () => operator.room(room));
  const rate = useRate(live);
  const { value } = live;
  return (
    <>
      <div className="screen-head">
        <h1 dir="auto">{value?.name ?? "A room that is not public"}</h1>
        <Freshness live={live} />
      </div>
      {value !== undefined && <Room view={value} rate={rate} at={live.at} />}
    </>
  );
}

/** Events a second between the last two readings of the head; undefined: not known yet, or the room was numbered anew. */
function useRate({ value, at }: Live<RoomView>): number | undefined {
  const last = useRef<{ at: number; epoch: number; seq: number; rate: number | undefined }>(undefined);
  const head = value?.head;
  if (head === undefined) return undefined;
  const before = last.current;
  if (before?.at === at) return before.rate;
  const isKnown = before !== undefined && before.epoch === head.epoch && at > before.at;
  const rate = isKnown ? ((head.seq - before.seq) * 1_000) / (at - before.at) : undefined;
  last.current = { at, epoch: head.epoch, seq: head.seq, rate };
  return rate;
}

function Room({ view, rate, at }: { view: RoomView; rate: number | undefined; at: number }) {
  const { head, members, nodes, silent, room, visibility, createdAt } = view;
  const connections = nodes.reduce((sum, one) => sum + one.connections, 0);
  const behind = head === undefined ? 0 : head.seq - head.durable;
  return (
    <>
      <p className="about">
        {visibility} · made {momentAt(createdAt)} · <code>{room}</code>
      </p>
      <Tiles>
        <Tile name="Messages a second">{rate === undefined ? "–" : count(rate)}</Tile>
        <Tile name="Connections" note={`of ${nodes.reduce((sum, one) => sum + one.users, 0)} users`}>
          {count(connections)}
        </Tile>
        <Tile name="Members">{count(members)}</Tile>
        <Tile name="Newest number" note={head === undefined ? "nothing was sent lately" : `epoch ${head.epoch}`}>
          {head?.seq ?? "–"}
        </Tile>
        <Tile name="Stored up to" note={behind > 0 ? `${behind} behind` : ""}>
          {head?.durable ?? "–"}
        </Tile>
      </Tiles>
      <div className="charts">
        <Chart
          title="Messages a second"
          lines={linesOf(view, at, ({ perSecond }) => perSecond)}
          now={at}
          words={count}
        />
      </div>
      <p className="muted">Only minutes in which the room was among the ten busiest of a process are in the chart.</p>
      <h2>Gateways that serve it</h2>
      <Gateways nodes={nodes} room={room} />
      {silent.length > 0 && <p className="error">No answer within a second: {silent.join(", ")}.</p>}
    </>
  );
}

function Gateways({ nodes, room }: Pick<RoomView, "nodes" | "room">) {
  const columns: readonly Column<RoomView["nodes"][number]>[] = [
    { name: "Gateway", cell: ({ node }) => <a href={hashOf({ at: "node", node })}>{node}</a> },
    {
      name: "Connections",
      isFigure: true,
      cell: ({ node, connections }) => (
        <a href={hashOf({ at: "connections", about: { node, room } })}>{count(connections)}</a>
      ),
    },
    { name: "Users", isFigure: true, cell: ({ users }) => count(users) },
  ];
  const serving = nodes.filter(({ connections }) => connections > 0);
  return (
    <Table
      caption="Gateways that serve the room"
      columns={columns}
      rows={serving}
      keyOf={({ node }) => node}
      none="Nobody has the room open."
    />
  );
}
