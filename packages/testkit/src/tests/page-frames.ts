import type { BrowserContext, Page } from "playwright-core";
import { publish } from "../people.ts";
import type { WsClient } from "../ws-client.ts";

/** Settings of a server whose rooms are filled by tests. */
export const FAST = {
  FRAMES_PER_SECOND: "1000",
  PUBLISHES_PER_SECOND: "1000",
  PUBLISHES_PER_SECOND_PER_USER: "1000",
};

/** What the page cost while something went on in it. */
export interface Cost {
  /** CPU seconds of its main thread. */
  readonly cpuS: number;
  /** Milliseconds from one frame to the next. */
  readonly p50: number;
  readonly p95: number;
  /** Frames longer than 50 ms. */
  readonly long: number;
}

const COLLECT_FRAMES = `{
  window.frames50 = [];
  let last = performance.now();
  const tick = (now) => { frames50.push(now - last); last = now; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}`;

export async function costOf(context: BrowserContext, page: Page, work: () => Promise<unknown>): Promise<Cost> {
  const devtools = await context.newCDPSession(page);
  // Time of the processor, which other work on the machine does not lengthen.
  await devtools.send("Performance.setTimeDomain", { timeDomain: "threadTicks" });
  await devtools.send("Performance.enable");
  const cpuS = async (): Promise<number> => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
  };
  await page.evaluate(COLLECT_FRAMES);
  const before = await cpuS();
  await work();
  const used = (await cpuS()) - before;
  const frames = (await page.evaluate<number[]>("frames50")).sort((one, other) => one - other);
  await devtools.detach();
  const at = (part: number): number => frames[Math.floor(part * frames.length)] ?? 0;
  return { cpuS: used, p50: at(0.5), p95: at(0.95), long: frames.filter((ms) => ms > 50).length };
}

export function pause(page: Page, ms: number): Promise<unknown> {
  return page.evaluate(`new Promise((done) => setTimeout(done, ${ms}))`);
}

function textOf(index: number): string {
  return `message ${index} ${"long ".repeat((index * 7) % 40)}`;
}

export function sayMany(ws: WsClient, room: string, from: number, count: number): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, (_, index) => publish(ws, room, textOf(from + index))));
}

/** Scrolls on in each of 60 frames. */
export function fling(page: Page, px: number): Promise<unknown> {
  return page.evaluate(`new Promise((done) => {
    let left = 60;
    const step = () => {
      document.querySelector("#scroll").scrollTop += ${px};
      left -= 1;
      if (left === 0) done(); else requestAnimationFrame(step);
    };
    step();
  })`);
}

/** After each frame: how far the end of a row in sight has moved since the last one, unless `wanted` pixels were scrolled. */
export const WATCH_ROWS = `{
  const list = document.querySelector("#scroll");
  const bounds = list.getBoundingClientRect();
  // Rows that are not measured yet are not painted.
  const ends = () => new Map([...document.querySelectorAll("#items .item")]
    .filter((row) => row.checkVisibility({ visibilityProperty: true }))
    .map((row) => [row.dataset.seq, row.getBoundingClientRect()])
    .filter(([, { bottom, top }]) => bottom > bounds.top && top < bounds.bottom)
    .map(([seq, { bottom }]) => [seq, bottom]));
  window.watched = { moved: 0, seen: new Set(), wanted: 0 };
  let before = new Map();
  const painted = new MessageChannel();
  painted.port1.onmessage = () => {
    const now = ends();
    for (const [seq, end] of now) {
      watched.seen.add(seq);
      const was = before.get(seq);
      if (was !== undefined) watched.moved = Math.max(watched.moved, Math.abs(end - was));
    }
    before = watched.wanted === 0 ? now : new Map();
    list.scrollTop += watched.wanted;
    watched.wanted = 0;
    requestAnimationFrame(() => painted.port2.postMessage(0));
  };
  painted.port2.postMessage(0);
}`;

/**
 * Scrolls in steps, as somebody does who reads. Answers the longest way that a row has moved by itself since the first step.
 * `after`: an element that must be there before the first one.
 */
export function scrollAndWatch(page: Page, step: number, steps: number, after = "#scroll"): Promise<number> {
  return page.evaluate<number>(`new Promise((done) => {
    let made = 0;
    const next = () => {
      const isBegun = made > 0 || document.querySelector(${JSON.stringify(after)}) !== null;
      const isReady = isBegun && watched.wanted === 0;
      if (isReady && made === ${steps}) return done(watched.moved);
      if (isReady && made <= 1) watched.moved = 0;
      if (isReady) [watched.wanted, made] = [${step}, made + 1];
      setTimeout(next, 30);
    };
    next();
  })`);
}

/** A history of `head` messages in every room. */
export async function fakeHistory(context: BrowserContext, head: number): Promise<void> {
  const by = { id: "00000000-0000-4000-8000-000000000001", username: "author" };
  const eventOf = (room: string, seq: number) => {
    const id = `00000000-0000-4000-9000-${String(seq).padStart(12, "0")}`;
    const text = textOf(seq);
    return { type: "event", room, epoch: 1, seq, at: 1_700_000_000_000 + 60_000 * seq, by, kind: "message", id, text };
  };
  await context.route(/\/rooms\/[^/]+\/messages\?/, (route) => {
    const url = new URL(route.request().url());
    const room = url.pathname.split("/").at(-2) ?? "";
    const limit = Number(url.searchParams.get("limit"));
    const after = url.searchParams.get("after");
    const last =
      after === null ? Number(url.searchParams.get("before") ?? head + 1) - 1 : Math.min(Number(after) + limit, head);
    const first = after === null ? Math.max(1, last - limit + 1) : Number(after) + 1;
    const seqs = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
    const cursor = after === null ? first : last;
    const isEnd = after === null ? first === 1 : last === head;
    const messages = seqs.map((seq) => eventOf(room, seq));
    return route.fulfill({ json: { messages, head, epoch: 1, states: [], ...(isEnd ? {} : { cursor }) } });
  });
}
