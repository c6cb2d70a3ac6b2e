import { parseArgs } from "node:util";
import { ZONE_NAME } from "@hubbub/protocol";

interface Following {
  readonly isJson: boolean;
  /** How long progress is shown. What was ordered goes on afterwards. */
  readonly timeoutMs: number;
}
export interface DrainArguments extends Following {
  readonly command: "drain";
  readonly zone: string;
  readonly isUndo: boolean;
}
export interface RebalanceArguments extends Following {
  readonly command: "rebalance";
  /** Of the connections of one gateway. */
  readonly maxShare: number;
}
export type ZoneArguments = DrainArguments | RebalanceArguments;

const COMMON = { json: { type: "boolean", default: false }, timeout: { type: "string", default: "120" } } as const;
const OF_DRAIN = { ...COMMON, zone: { type: "string" }, undo: { type: "boolean", default: false } } as const;
const OF_REBALANCE = { ...COMMON, "max-move": { type: "string", default: "20%" } } as const;
const SECONDS = /^[1-9]\d{0,4}$/;
const PERCENT = /^([1-9]\d?|100)%?$/;

/** null: not what the command takes. */
export function parseZoneArguments(command: "drain" | "rebalance", args: readonly string[]): ZoneArguments | null {
  try {
    return command === "drain" ? parseDrain(args) : parseRebalance(args);
  } catch {
    return null;
  }
}

function parseDrain(args: readonly string[]): DrainArguments | null {
  const { zone = "", undo, json, timeout } = parseArgs({ args: [...args], options: OF_DRAIN }).values;
  if (!ZONE_NAME.test(zone) || !SECONDS.test(timeout)) return null;
  return { command: "drain", zone, isUndo: undo, isJson: json, timeoutMs: Number(timeout) * 1_000 };
}

function parseRebalance(args: readonly string[]): RebalanceArguments | null {
  const { "max-move": max, json, timeout } = parseArgs({ args: [...args], options: OF_REBALANCE }).values;
  const percent = PERCENT.exec(max)?.[1];
  if (percent === undefined || !SECONDS.test(timeout)) return null;
  return { command: "rebalance", maxShare: Number(percent) / 100, isJson: json, timeoutMs: Number(timeout) * 1_000 };
}

export const ZONE_USAGE = `usage: hubbub drain --zone ZONE [--undo] [--timeout S] [--json]
       hubbub rebalance [--max-move PERCENT] [--timeout S] [--json]

  drain       the processes with ZONE=… give up their work: gateways hand their clients over in ZONE_DRAIN_MS and take no new
              ones, apis and writers give back their leases. They keep running; --undo lets them serve again. Refuses when
              nobody outside of the zone could do the work
  rebalance   gateways far above the mean ask connections to move, at most --max-move of their own (20%). Refuses when that
              would not help, or while connections move

Both show how far they are, and end with 0 (done), 1 (refused), 2 (wrong arguments) or 3 (not done within --timeout, 120
seconds; what was ordered goes on). --json prints an object a line. They work on DATABASE_URL.
`;
