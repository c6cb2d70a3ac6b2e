import type { BusyRoom, ClusterNode, ClusterView } from "@hubbub/protocol/http-figures";
import { bytes, cores, count, ms, percent } from "../figures-words.ts";
import { useOperator } from "../operator-context.ts";
import { Charts } from "../parts/charts.tsx";
import { Freshness } from "../parts/freshness.tsx";
import { State } from "../parts/state.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Tile, Tiles } from "../parts/tile.tsx";
import { Zones } from "../parts/zones.tsx";
import { hashOf } from "../place.ts";
import { isSilent, totalOf } from "../series.ts";
import { useLive } from "../use-live.ts";

export const LIVE_MS = 2_000;

/** All processes, now and in the last hour. */
export function ClusterScreen() {
  const operator = useOperator();
  const live = useLive("cluster", LIVE_MS, operator.cluster);
  const { value } = live;
  const speaking = value?.nodes.filter((node) => !isSilent(node, value.at)) ?? [];
  return (
    <>
      <div className="screen-head">
        <h1>Cluster</h1>
        <Freshness live={live} />
      </div>
      {value !== undefined && (
        <>
          <Totals view={value} speaking={speaking} />
          <Charts now={totalOf(speaking.map(({ figures }) => figures))} at={value.at} />
          <h2>Processes</h2>
          <Nodes view={value} />
          <Zones />
          <h2>Busiest rooms</h2>
          <Busiest rooms={value.busiest} />
        </>
      )}
    </>
  );
}

function Totals({ view: { nodes }, speaking }: { view: ClusterView; speaking: readonly ClusterNode[] }) {
  const total = totalOf(speaking.map(({ figures }) => figures));
  const ready = speaking.filter(({ state }) => state === "ready").length;
  const waiting = Math.max(total.lag, total.unstored);
  return (
    <Tiles>
      <Tile name="Connections">{count(total.connections)}</Tile>
      <Tile name="Messages a second">{count(total.accepted)}</Tile>
      <Tile name="Deliveries a second">{count(total.delivered)}</Tile>
      <Tile name="Ack, p99" note="slowest process">
        {ms(total.acceptP99)}
      </Tile>
      <Tile name="Refusals a second">{count(total.refused)}</Tile>
      <Tile name="Not stored yet" note={waiting === 0 ? "" : "messages"}>
        {count(waiting)}
      </Tile>
      <Tile name="Processes ready" note={`of ${nodes.length}`}>
        {ready}
      </Tile>
    </Tiles>
  );
}

const columnsAt = (at: number): readonly Column<ClusterNode>[] => [
  { name: "Process", cell: ({ node }) => <a href={hashOf({ at: "node", node })}>{node}</a> },
  { name: "State", cell: (node) => <State node={node} at={at} /> },
  { name: "Roles", cell: ({ roles }) => roles.join(", ") },
  { name: "Connections", isFigure: true, cell: ({ figures }) => count(figures.connections) },
  { name: "Messages/s", isFigure: true, cell: ({ figures }) => count(figures.accepted) },
  { name: "Deliveries/s", isFigure: true, cell: ({ figures }) => count(figures.delivered) },
  { name: "Ack p50", isFigure: true, cell: ({ figures }) => ms(figures.acceptP50) },
  { name: "Ack p99", isFigure: true, cell: ({ figures }) => ms(figures.acceptP99) },
  { name: "Stored/s", isFigure: true, cell: ({ figures }) => count(figures.stored) },
  { name: "Not stored", isFigure: true, cell: ({ figures }) => count(Math.max(figures.lag, figures.unstored)) },
  { name: "Cores", isFigure: true, cell: ({ figures }) => cores(figures.cpu) },
  { name: "Loop", isFigure: true, cell: ({ figures }) => percent(figures.loop) },
  { name: "Memory", isFigure: true, cell: ({ figures }) => bytes(figures.memory) },
  { name: "Version", cell: ({ build }) => build },
];

function Nodes({ view: { at, nodes } }: { view: ClusterView }) {
  return (
    <Table
      caption="Processes"
      columns={columnsAt(at)}
      rows={nodes}
      keyOf={({ node }) => node}
      none="No process has told its figures yet. They do so once a second."
    />
  );
}

const ROOM_COLUMNS: readonly Column<BusyRoom>[] = [
  {
    name: "Room",
    cell: ({ room, name }) => (
      <a href={hashOf({ at: "room", room })} dir="auto">
        {name ?? `not public, ${room}`}
      </a>
    ),
  },
  { name: "Messages/s", isFigure: true, cell: ({ perSecond }) => count(perSecond) },
];

function Busiest({ rooms }: { rooms: readonly BusyRoom[] }) {
  return (
    <Table
      caption="Busiest rooms"
      columns={ROOM_COLUMNS}
      rows={rooms}
      keyOf={({ room }) => room}
      none="Nothing was sent in the last ten seconds."
    />
  );
}
