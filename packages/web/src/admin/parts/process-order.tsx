import { useOperator } from "../operator-context.ts";
import { useLive } from "../use-live.ts";
import { Order } from "./order.tsx";

const LIVE_MS = 2_000;

/** Drains one process, whatever its zone is. Nothing for a process that takes no orders: only those of a cluster do. */
export function ProcessOrder({ name }: { name: string }) {
  const operator = useOperator();
  const { value } = useLive("zones", LIVE_MS, operator.zones);
  const found = value?.zones.flatMap(({ processes }) => processes).find((process) => process.name === name);
  if (found === undefined) return null;
  const order = (drained: boolean) => () => operator.orderProcess(name, drained);
  if (found.drained)
    return (
      <>
        <span className="state draining">{found.state === "drained" ? "drained" : "draining"}</span>
        <Order name="Serve again" question={`Let ${name} serve?`} act={order(false)} />
      </>
    );
  return <Order name="Drain" question={`Clients and shards of ${name} go elsewhere.`} act={order(true)} />;
}
