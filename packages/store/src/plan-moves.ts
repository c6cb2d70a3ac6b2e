import type { Moves } from "./store-nodes.ts";

/** A gateway this much above the mean is left alone: connections come and go. */
const TOLERATED_SHARE = 0.1;
const TOLERATED_CONNECTIONS = 10;
/** Gateways that move connections refuse new ones meanwhile: the others must be able to take all. */
const MOVERS_SHARE = 1 / 2;

/**
 * What the fullest gateways give away, so that all come closer to the mean: at most `maxShare` of the connections of each, and
 * never so many that a gateway is below the mean afterwards. Empty: a rebalance would not help.
 */
export function planMoves(gateways: readonly Omit<Moves, "moves">[], maxShare: number): readonly Moves[] {
  const mean = gateways.reduce((sum, { connections }) => sum + connections, 0) / Math.max(1, gateways.length);
  const tolerated = Math.max(mean * TOLERATED_SHARE, TOLERATED_CONNECTIONS);
  return gateways
    .filter(({ connections }) => connections - mean > tolerated)
    .sort((one, other) => other.connections - one.connections)
    .slice(0, Math.floor(gateways.length * MOVERS_SHARE))
    .map((gateway) => ({ ...gateway, moves: movesOf(gateway.connections, mean, maxShare) }))
    .filter(({ moves }) => moves > 0);
}

function movesOf(connections: number, mean: number, maxShare: number): number {
  return Math.min(connections - Math.ceil(mean), Math.floor(connections * maxShare));
}
