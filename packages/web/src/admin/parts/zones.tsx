import type { ZoneState } from "@hubbub/protocol";
import { useState } from "react";
import { count } from "../figures-words.ts";
import { useOperator } from "../operator-context.ts";
import { useLive } from "../use-live.ts";
import { Order } from "./order.tsx";
import { type Column, Table } from "./table.tsx";

const LIVE_MS = 2_000;
const MAX_MOVE_PERCENT = 20;

/** Zones and what can be ordered: only a cluster has them. */
export function Zones() {
  const operator = useOperator();
  const { value, error } = useLive("zones", LIVE_MS, operator.zones);
  const [moving, setMoving] = useState("");
  const zones = value?.zones ?? [];
  const rebalance = async (): Promise<void> => {
    const { moves } = await operator.rebalance(MAX_MOVE_PERCENT);
    setMoving(moves.map(({ node, moves: some }) => `${node} asks ${count(some)} connections to move`).join(", "));
  };
  if (error === "" && zones.every(({ processes }) => processes.length === 0)) return null;
  return (
    <div className="zones">
      <h2>Zones</h2>
      {error !== "" && (
        <p className="error" role="alert">
          The zones are not known. {error}
        </p>
      )}
      <Table caption="Zones" columns={columnsOf(operator.orderZone)} rows={zones} keyOf={({ zone }) => zone} none="" />
      <div className="acts">
        <Order
          name="Rebalance"
          question={`Gateways far above the mean ask up to ${MAX_MOVE_PERCENT} % of their clients to reconnect.`}
          act={rebalance}
        />
        <p role="status">{moving}</p>
      </div>
    </div>
  );
}

type OrderZone = (zone: string, isDrained: boolean) => Promise<void>;

const sum = ({ processes }: ZoneState, pick: (one: ZoneState["processes"][number]) => number): string =>
  count(processes.reduce((total, one) => total + pick(one), 0));

const columnsOf = (order: OrderZone): readonly Column<ZoneState>[] => [
  { name: "Zone", cell: ({ zone }) => zone || "without a zone" },
  { name: "State", cell: (zone) => <StateOf zone={zone} /> },
  { name: "Processes", isFigure: true, cell: ({ processes }) => count(processes.length) },
  { name: "Connections", isFigure: true, cell: (zone) => sum(zone, ({ connections }) => connections) },
  { name: "To be moved", isFigure: true, cell: (zone) => sum(zone, ({ moving }) => moving) },
  { name: "Shards", isFigure: true, cell: (zone) => sum(zone, ({ shards }) => shards) },
  {
    name: "Order",
    cell: ({ zone, drained }) => {
      if (zone === "") return "";
      if (drained) return <Order name="Serve again" question={`Let ${zone} serve?`} act={() => order(zone, false)} />;
      const question = `Clients and shards of ${zone} go elsewhere.`;
      return <Order name="Drain" question={question} act={() => order(zone, true)} />;
    },
  },
];

function StateOf({ zone: { drained, processes } }: { zone: ZoneState }) {
  if (!drained) return <span className="state ready">serves</span>;
  const done = processes.filter(({ state }) => state === "drained").length;
  const words = done === processes.length ? "drained" : `draining, ${done} of ${processes.length} done`;
  return <span className="state draining">{words}</span>;
}
