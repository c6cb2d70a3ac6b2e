import type { ZoneState } from "@hubbub/protocol";
import type { NodeRecord } from "./store-nodes.ts";

/** What operators are shown: the processes by their zone, and the drained zones without one. */
export function zonesOf(nodes: readonly NodeRecord[], drained: readonly string[]): ZoneState[] {
  const names = [...new Set([...nodes.map(({ zone }) => zone), ...drained])].sort();
  return names.map((zone) => ({
    zone,
    drained: drained.includes(zone),
    processes: nodes.filter((node) => node.zone === zone).map(toProcess),
  }));
}

function toProcess(node: NodeRecord): ZoneState["processes"][number] {
  const { name, roles, state, connections, moving, moves, shards, isSilent, isDrainedAlone, build } = node;
  const orders = { drained: isDrainedAlone, moving: moving + moves };
  return { name, roles: roles.split(","), state, connections, ...orders, shards, silent: isSilent, build };
}
