import { setTimeout as sleep } from "node:timers/promises";
import { check } from "../checker/check.ts";
import { History } from "../checker/history.ts";
import { readStore } from "../checker/read-store.ts";
import { startLoad } from "../drills/load.ts";
import { storeSettles } from "../drills/store-settles.ts";
import { Tally } from "../drills/tally.ts";
import type { Stack } from "./stack.ts";

const shape = { clients: 40, rooms: 8, eventsPerSecond: 100, listeners: 0 };
const warmUpMs = 2_000;
const coolDownMs = 3_000;
const settleMs = 90_000;

/**
 * Does something to the stack while clients talk, and has the independent checker judge what they saw against what is stored.
 * Answers the figures. @throws when anything was lost, doubled, reordered or left without an answer
 */
export async function underLoad(stack: Stack, act: () => Promise<void>): Promise<string> {
  const history = new History();
  const tally = new Tally(history);
  await using load = await startLoad({ url: stack.url, wsUrl: stack.wsUrl, gateways: [] }, shape, tally);
  load.begin();
  await sleep(warmUpMs);
  await act();
  await sleep(coolDownMs);
  const lacking = await load.end(settleMs);
  const databaseUrl = await stack.databaseUrl();
  await storeSettles(databaseUrl, load.newest(), settleMs);
  await readStore(databaseUrl, [...load.rooms], history);
  const { isClean, anomalies, counts } = check(history);
  const refused = load.refused.map(({ client, refusedWith }) => `${client} was told not to come back: ${refusedWith}`);
  const faults = [...lacking, ...refused, ...(isClean ? [] : [JSON.stringify(anomalies)])];
  if (faults.length > 0) throw new Error(`the load was not served: ${faults.slice(0, 5).join("; ")}`);
  const { resumed, gaps, epochs } = tally.total;
  const said = `${counts.sent} sent, ${counts.acked} acked, ${counts.stored} stored, nothing lost; ${resumed} subscriptions`;
  return `${said}, ${gaps} gaps and ${epochs} epochs announced, longest wait ${tally.longestWaitMs} ms`;
}
