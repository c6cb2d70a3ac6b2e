import type { ClusterNode } from "@hubbub/protocol/http-figures";
import { bytes, cores, count, lasting, ms, percent } from "../figures-words.ts";
import { useOperator } from "../operator-context.ts";
import { Charts } from "../parts/charts.tsx";
import { Freshness } from "../parts/freshness.tsx";
import { ProcessOrder } from "../parts/process-order.tsx";
import { State } from "../parts/state.tsx";
import { Tile, Tiles } from "../parts/tile.tsx";
import { hashOf } from "../place.ts";
import { isSilent } from "../series.ts";
import { useLive } from "../use-live.ts";
import { LIVE_MS } from "./cluster.tsx";

/** One process. */
export function NodeScreen({ node: name }: { node: string }) {
  const operator = useOperator();
  const live = useLive("cluster", LIVE_MS, operator.cluster);
  const { value } = live;
  const node = value?.nodes.find((one) => one.node === name);
  return (
    <>
      <div className="screen-head">
        <h1>{name}</h1>
        <Freshness live={live} />
      </div>
      {value !== undefined && node === undefined && (
        <p>This process has ended in order, or has told nothing for an hour. Its last hours are kept for eight days.</p>
      )}
      {value !== undefined && node !== undefined && <About node={node} at={value.at} />}
      {value !== undefined && (
        <Charts
          node={name}
          now={node === undefined || isSilent(node, value.at) ? undefined : node.figures}
          at={value.at}
        />
      )}
    </>
  );
}

function About({ node, at }: { node: ClusterNode; at: number }) {
  const { figures, roles, build, startedAt } = node;
  return (
    <>
      <p className="about">
        <State node={node} at={at} /> · {roles.join(", ")} · version {build} · runs for {lasting(at - startedAt)}
      </p>
      <Tiles>
        <Tile name="Connections">{count(figures.connections)}</Tile>
        <Tile name="Rooms served">{count(figures.rooms)}</Tile>
        <Tile name="Messages a second">{count(figures.accepted)}</Tile>
        <Tile name="Deliveries a second">{count(figures.delivered)}</Tile>
        <Tile name="Time to the ack" note={`p50; p99 ${ms(figures.acceptP99)}`}>
          {ms(figures.acceptP50)}
        </Tile>
        <Tile name="Stored a second">{count(figures.stored)}</Tile>
        <Tile name="Not stored yet">{count(Math.max(figures.lag, figures.unstored))}</Tile>
        <Tile name="Refusals a second">{count(figures.refused)}</Tile>
        <Tile name="Processor cores" note={`event loop busy ${percent(figures.loop)}`}>
          {cores(figures.cpu)}
        </Tile>
        <Tile name="Memory">{bytes(figures.memory)}</Tile>
      </Tiles>
      <div className="acts">
        {roles.includes("gateway") && (
          <a className="button" href={hashOf({ at: "connections", about: { node: node.node } })}>
            Show its connections
          </a>
        )}
        <ProcessOrder name={node.node} />
      </div>
    </>
  );
}
