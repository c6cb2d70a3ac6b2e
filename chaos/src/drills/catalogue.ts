import { boundFaults } from "./bound-faults.ts";
import { clockFaults } from "./clock-faults.ts";
import { failoverFaults } from "./failover-faults.ts";
import type { Fault } from "./fault.ts";
import { frontFaults } from "./front-faults.ts";
import { leavingFaults } from "./leaving-faults.ts";
import { linkFaults } from "./link-faults.ts";
import { postgresFaults } from "./postgres-faults.ts";
import { processFaults } from "./process-faults.ts";
import { redisFaults } from "./redis-faults.ts";
import { restoreFaults } from "./restore-faults.ts";
import { setBackFaults } from "./set-back-faults.ts";
import { soak } from "./soak.ts";
import { spike } from "./spike.ts";
import { zoneDrain } from "./zone-drain.ts";

/** Every fault there is, in the order in which the matrix runs them. */
export const FAULTS: readonly Fault[] = [
  ...processFaults,
  ...redisFaults,
  ...postgresFaults,
  ...failoverFaults,
  ...setBackFaults,
  ...restoreFaults,
  ...frontFaults,
  ...linkFaults,
  ...clockFaults,
  ...boundFaults,
  spike,
  ...leavingFaults,
  zoneDrain,
];

/** Too long for the matrix: they run by name. */
export const LONG_FAULTS: readonly Fault[] = [soak()];

/** @throws RangeError when there is none of this name */
export function faultOf(name: string): Fault {
  const fault = [...FAULTS, ...LONG_FAULTS].find((one) => one.name === name);
  if (fault === undefined) throw new RangeError(`there is no fault ${name}: npm run drill -- --list`);
  return fault;
}
