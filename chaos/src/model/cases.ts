import type { Step } from "./step.ts";

export interface Case {
  readonly seed: number;
  readonly steps: readonly Step[];
}

/** Histories that had an anomaly once, as small as they could be made; named after what was wrong. */
export const CASES: Readonly<Record<string, Case>> = {
  "a resume is answered from before the hole that the gateway is about to repair": {
    seed: 375_868_044,
    steps: [
      { do: "say", who: 0, room: 0, count: 4 },
      { do: "say", who: 1, room: 0, count: 1 },
      { do: "stopWriter", who: 1, ms: 50 },
      { do: "say", who: 2, room: 0, count: 2 },
      { do: "loseDeliveries", who: 1, count: 1, ms: 1 },
      { do: "say", who: 0, room: 0, count: 1 },
      { do: "cutClient", who: 0 },
      { do: "say", who: 0, room: 0, count: 1 },
      { do: "restartLog", ms: 1, lost: 1_000_000 },
      { do: "say", who: 1, room: 0, count: 1 },
      { do: "wait", ms: 1 },
      { do: "wait", ms: 3_000 },
      { do: "say", who: 0, room: 0, count: 1 },
      { do: "say", who: 1, room: 1, count: 1 },
    ],
  },
  "a commit whose answer was lost is told to be durable": {
    seed: 0,
    steps: [
      { do: "say", who: 0, room: 0, count: 1 },
      { do: "say", who: 0, room: 0, count: 1 },
      { do: "loseAnswers", who: 1, count: 1, ms: 1 },
      { do: "wait", ms: 60 },
      { do: "killWriter", who: 1, ms: 50 },
      { do: "storeAway", ms: 1, lost: 0 },
      { do: "storeAway", ms: 1, lost: 0 },
      { do: "wait", ms: 1 },
    ],
  },
  "a mark is not told before the epoch that it belongs to": {
    seed: 1_289_791_661,
    steps: [
      { do: "say", who: 0, room: 0, count: 1 },
      { do: "wait", ms: 17 },
      { do: "restartLog", ms: 1, lost: 1_000_000 },
      { do: "wait", ms: 1 },
      { do: "say", who: 0, room: 0, count: 1 },
      { do: "say", who: 0, room: 0, count: 1 },
      { do: "cutClient", who: 0 },
    ],
  },
  "a client that has seen more than a log that fell back gets nothing of it again": {
    seed: 947_536_155,
    steps: [
      { do: "say", who: 0, room: 0, count: 1 },
      { do: "wait", ms: 18 },
      { do: "killWriter", who: 0, ms: 50 },
      { do: "cutClient", who: 0 },
      { do: "say", who: 1, room: 0, count: 3 },
      { do: "loseAnswers", who: 0, count: 1, ms: 1 },
      { do: "say", who: 0, room: 0, count: 1 },
      { do: "restartLog", ms: 1, lost: 5 },
      { do: "wait", ms: 11 },
      { do: "cutClient", who: 2 },
      { do: "storeAway", ms: 8, lost: 0 },
      { do: "wait", ms: 3_000 },
      { do: "say", who: 0, room: 0, count: 1 },
      { do: "say", who: 1, room: 1, count: 1 },
    ],
  },
  "an event that its sender saw before it was refused is not sent again into a log that has lost it": {
    seed: 1_970_550_814,
    steps: [
      { do: "say", who: 1, room: 0, count: 2 },
      { do: "wait", ms: 7 },
      { do: "wait", ms: 88 },
      { do: "say", who: 1, room: 0, count: 1 },
      { do: "say", who: 0, room: 0, count: 1 },
      { do: "say", who: 0, room: 0, count: 1 },
      { do: "say", who: 0, room: 0, count: 1 },
      { do: "restartLog", ms: 536, lost: 1 },
      { do: "killWriter", who: 1, ms: 50 },
      { do: "restartLog", ms: 1, lost: 1 },
      { do: "say", who: 1, room: 0, count: 1 },
      { do: "loseAnswers", who: 3, count: 2, ms: 1 },
      { do: "say", who: 0, room: 0, count: 4 },
    ],
  },
};
