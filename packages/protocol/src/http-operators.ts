import { z } from "zod";
import { NODE_STATES, ZONE_NAME, ZONE_NAME_FORM } from "./node-states.ts";

/** Bodies and answers for operators. */

const NODE_NAME_MAX = 200;

export const zonePath = z.object({ zone: z.string().regex(ZONE_NAME, ZONE_NAME_FORM) });
export const processPath = z.object({ process: z.string().min(1).max(NODE_NAME_MAX) });
export const zoneBody = z.strictObject({ drained: z.boolean() });

/** `drained`: the process itself, whatever its zone is. `silent`: it has told nothing for a while. `moving`: connections of a gateway that are still to be asked to move. */
const zoneProcess = z.object({
  name: z.string(),
  roles: z.array(z.string()),
  state: z.enum(NODE_STATES),
  drained: z.boolean(),
  connections: z.int(),
  moving: z.int(),
  shards: z.int(),
  silent: z.boolean(),
  build: z.string(),
});
/** `zone`: empty for the processes without one. */
export const zoneState = z.object({ zone: z.string(), drained: z.boolean(), processes: z.array(zoneProcess) });
export type ZoneState = z.output<typeof zoneState>;
export const zonePage = z.object({ zones: z.array(zoneState) });

/** `maxMovePercent`: of the connections of a gateway. */
export const rebalanceBody = z.strictObject({ maxMovePercent: z.int().min(1).max(100).default(20) });
export const rebalancePlan = z.object({
  moves: z.array(z.object({ node: z.string(), connections: z.int(), moves: z.int() })),
});
