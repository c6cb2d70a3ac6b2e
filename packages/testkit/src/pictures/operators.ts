import { newId } from "@hubbub/protocol";
import type { ClusterView, Figures, MinutesView } from "@hubbub/protocol/http-figures";
import type { Page } from "playwright-core";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const HOUR_MINUTES = 60;
const MIB = 1_048_576;

/** Rises over the hour, with some unrest; yesterday was a little calmer. */
function waveAt(minute: number, isYesterday: boolean): number {
  const wave = 0.75 + 0.3 * Math.sin(minute / 14 + (isYesterday ? 0.6 : 0)) + 0.05 * Math.sin(minute * 2.1);
  return isYesterday ? wave * 0.8 : wave;
}

/** Of three gateways at this height of the wave. */
function figuresAt(wave: number): Figures {
  return {
    ...{ connections: 5_400 * wave, rooms: 312, accepted: 148 * wave, delivered: 9_800 * wave, stored: 147 * wave },
    ...{ refused: 0.2 * wave, cpu: 0.9 * wave, loop: 0.31 * wave, memory: (610 + 90 * wave) * MIB },
    ...{ acceptP50: 2.1 * wave, acceptP99: 11 * wave, unstored: 18 * wave, lag: 21 * wave },
  };
}

function minutes(now: number): MinutesView {
  const hour = (isYesterday: boolean) =>
    Array.from({ length: HOUR_MINUTES }, (_none, minute) => ({
      at: (Math.floor(now / MINUTE_MS) - HOUR_MINUTES + minute) * MINUTE_MS - (isYesterday ? DAY_MS : 0),
      ...figuresAt(waveAt(minute, isYesterday)),
    }));
  return { today: hour(false), yesterday: hour(true) };
}

function cluster(now: number): ClusterView {
  const total = figuresAt(waveAt(HOUR_MINUTES, false));
  const none = { ...figuresAt(0), memory: 150 * MIB, rooms: 0, acceptP50: undefined, acceptP99: undefined };
  const { stored, lag, unstored, ...served } = total;
  const share = (part: number): Figures => ({
    ...{ ...served, connections: total.connections * part, accepted: total.accepted * part, stored: 0, lag: 0 },
    ...{ delivered: total.delivered * part, cpu: total.cpu * part * 0.62, memory: total.memory * 0.2 },
    unstored: unstored * part,
  });
  const node = (name: string, role: string, figures: Figures, seenAt = now - 400): ClusterView["nodes"][number] => ({
    ...{ node: name, roles: [role], build: "0.1.0", startedAt: now - 3 * DAY_MS, state: "ready", figures, seenAt },
  });
  const rooms = [
    ["release", 41],
    ["lobby", 28],
    [undefined, 12.5],
    ["support", 9],
  ] as const;
  return {
    at: now,
    nodes: [
      node("api-1", "api", { ...none, cpu: 0.06, loop: 0.05 }),
      node("gateway-1", "gateway", share(0.36)),
      node("gateway-2", "gateway", share(0.33)),
      { ...node("gateway-3", "gateway", share(0.31)), state: "draining" },
      node("writer-1", "writer", { ...none, stored, lag, cpu: 0.21, loop: 0.18 }),
      node("writer-2", "writer", none, now - 4 * MINUTE_MS),
    ],
    busiest: rooms.map(([name, perSecond]) => ({ room: newId(), perSecond, ...(name === undefined ? {} : { name }) })),
  };
}

/** The page of operators, with the answers of a cluster that has something to do. */
export async function playOperators(page: Page, url: string): Promise<void> {
  const answers = { cluster, "cluster/minutes": minutes, zones: () => ({ zones: [] }) };
  for (const [path, answer] of Object.entries(answers))
    await page.route(`**/api/v1/admin/${path}`, (route) => route.fulfill({ json: answer(Date.now()) }));
  await page.goto(`${url}/admin`);
  await page.locator("tbody tr", { hasText: "writer-2" }).waitFor();
  await page.locator(".chart .line.yesterday[d^=M]").first().waitFor({ state: "attached" });
}
