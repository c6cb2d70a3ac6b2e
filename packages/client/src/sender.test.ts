import type { EventId, Limits, RoomEvent, RoomId } from "@hubbub/protocol";
import { FRAME_MAX_BYTES, TEXT_MAX_BYTES } from "@hubbub/protocol";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ALICE, ROOM } from "../test/fake-server.ts";
import { HubbubError } from "./hubbub-error.ts";
import type { Request } from "./link.ts";
import type { OnAnswer } from "./requests.ts";
import { SendQueue } from "./send-queue.ts";
import { Sender, type SenderLink } from "./sender.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LIMITS: Limits = {
  frameMaxBytes: FRAME_MAX_BYTES,
  textMaxBytes: TEXT_MAX_BYTES,
  framesPerSecond: 100,
  publishesPerSecond: 50,
  subscriptions: 10,
  inflight: 64,
};

type Sent = Extract<Request, { type: "publish" }> & { readonly ref: number };
/** What the server does with one frame. `late`: it is refused only when its batch has left. `slow`: taken after a while. */
type Fate = "take" | "event first" | "refuse" | "refuse late" | "slow" | "cut" | "cut unseen";
/** Longer than a client pauses behind a refusal. */
const SLOW_MS = 2_000;

/**
 * A server with the rule of rounds: whatever it refuses and whenever, it takes nothing of that round afterwards. In front of
 * it is the queue of a link, in which events wait when the server does not let them go faster.
 */
class RoundServer {
  readonly log: EventId[] = [];
  readonly #fates: Fate[];
  readonly #limits: Limits;
  #refused: { round: number; ref: number } = { round: -1, ref: 0 };
  #lastRef = 0;
  #clientRound = 0;
  #queue: { frame: Sent; onAnswer: OnAnswer; fate: Fate }[] = [];
  #leaving: SendQueue | undefined;
  #unanswered = new Set<OnAnswer>();
  #stallsUntil = 0;
  onEvent: (event: RoomEvent) => void = () => undefined;
  onCut: () => void = () => undefined;

  constructor(fates: readonly Fate[], limits: Limits) {
    this.#fates = [...fates];
    this.#limits = limits;
  }

  connect(): SenderLink {
    this.#refused = { round: -1, ref: 0 };
    this.#clientRound = 0;
    const server = this;
    const leaving = new SendQueue(this.#limits, ({ request, onAnswer }) => {
      this.#lastRef += 1;
      const frame = { ...(request as Sent), ref: this.#lastRef };
      this.#queue.push({ frame, onAnswer, fate: this.#fates.shift() ?? "take" });
    });
    this.#leaving = leaving;
    return {
      limits: this.#limits,
      get round() {
        return server.#clientRound;
      },
      refused(round) {
        if (round !== server.#clientRound) return;
        server.#clientRound += 1;
        leaving.dropRound(round);
      },
      ask: (request, timeoutMs, onAnswer) => {
        const once: OnAnswer = (answer) => {
          if (this.#unanswered.delete(once)) onAnswer(answer);
        };
        this.#unanswered.add(once);
        leaving.push({ request, timeoutMs, onAnswer: once });
      },
    };
  }

  /** Handles what has arrived, in its order; a late refusal comes when everything behind it has been taken in. */
  run(): void {
    const arrived = this.#nextArrived();
    const batch = arrived.filter((one) => !this.#refusesNow(one));
    for (const one of batch) {
      if (this.#isStale(one.frame)) this.#refuse(one, "out_of_order");
      else if (one.fate === "refuse late") this.#refuse(one, "unavailable");
      else if (one.fate.startsWith("cut")) {
        if (one.fate === "cut") this.#take(one.frame);
        this.#cut();
        return;
      } else {
        const event = this.#take(one.frame);
        if (one.fate === "event first") this.onEvent(event);
        one.onAnswer({ ok: true, frame: { ...event, type: "ack", ref: 1 } });
        if (one.fate !== "event first") this.onEvent(event);
      }
    }
  }

  get isIdle(): boolean {
    return this.#queue.length === 0 || Date.now() < this.#stallsUntil;
  }

  /** Everything up to a slow one; that and what is behind it wait. */
  #nextArrived() {
    if (Date.now() < this.#stallsUntil) return [];
    const slow = this.#queue.find(({ fate }) => fate === "slow");
    if (slow === undefined) return this.#queue.splice(0);
    this.#stallsUntil = Date.now() + SLOW_MS;
    slow.fate = "take";
    return this.#queue.splice(0, this.#queue.indexOf(slow));
  }

  #refusesNow(one: { frame: Sent; onAnswer: OnAnswer; fate: Fate }): boolean {
    if (this.#isStale(one.frame)) this.#refuse(one, "out_of_order");
    else if (one.fate === "refuse") this.#refuse(one, "rate_limited");
    else return false;
    return true;
  }

  #isStale({ round, ref }: Sent): boolean {
    const { round: refusedRound, ref: refusedRef } = this.#refused;
    return round !== undefined && (round < refusedRound || (round === refusedRound && ref > refusedRef));
  }

  #refuse(
    { frame, onAnswer }: { frame: Sent; onAnswer: OnAnswer },
    code: "out_of_order" | "rate_limited" | "unavailable",
  ) {
    const { round = -1, ref } = frame;
    if (round > this.#refused.round) this.#refused = { round, ref };
    else if (round === this.#refused.round) this.#refused = { round, ref: Math.min(ref, this.#refused.ref) };
    onAnswer({ ok: false, error: new HubbubError(code, undefined, { retryAfterMs: 20 }) });
  }

  #take(frame: Sent): RoomEvent {
    if (!this.log.includes(frame.id)) this.log.push(frame.id);
    const seq = this.log.indexOf(frame.id) + 1;
    const { id, text } = frame;
    return { type: "event", room: ROOM as RoomId, epoch: 1, seq, at: 0, by: ALICE, kind: "message", id, text };
  }

  #cut(): void {
    this.#queue = [];
    this.#stallsUntil = 0;
    const lost = new HubbubError("connection_lost");
    this.#leaving?.end(lost);
    for (const onAnswer of [...this.#unanswered]) onAnswer({ ok: false, error: lost });
    this.onCut();
  }
}

/** Gives `count` events to a sender and runs until each is settled. Answers the order in which the server has them. */
async function sendAll(count: number, fates: readonly Fate[], limits: Limits): Promise<readonly string[]> {
  const server = new RoundServer(fates, limits);
  let link: SenderLink | undefined = server.connect();
  const sender = new Sender({
    link: () => link,
    me: () => ALICE.id,
    history: () => Promise.reject(new Error("not asked")),
    resent: () => undefined,
    lost: () => undefined,
  });
  server.onEvent = (event) => sender.seen(event);
  server.onCut = () => {
    link = undefined;
    sender.linkLost();
  };
  let settled = 0;
  for (let at = 0; at < count; at += 1) {
    const body = { type: "publish", room: ROOM, id: `m${at}` as EventId, text: String(at) } as const;
    void sender.outbox.add(body, "ack").then(() => (settled += 1));
    sender.flush();
  }
  for (let turns = 0; settled < count; turns += 1) {
    if (turns > 5_000) throw new Error(`${settled} of ${count} settled`);
    if (link === undefined) {
      link = server.connect();
      sender.flush();
    }
    server.run();
    await vi.advanceTimersByTimeAsync(server.isIdle ? 50 : 1);
  }
  return server.log;
}

const ids = (count: number): string[] => Array.from({ length: count }, (_none, at) => `m${at}`);

test("G2 more events than the window all settle if each own event comes before its ack", async () => {
  const fates = Array.from({ length: 100 }, (): Fate => "event first");
  expect(await sendAll(100, fates, LIMITS)).toEqual(ids(100));
});

test("G1 the order of one sender outlives every refusal, reconnect, duplicate and early event", async () => {
  const fate = fc.constantFrom<Fate>(
    "take",
    "take",
    "take",
    "event first",
    "refuse",
    "refuse late",
    "slow",
    "cut",
    "cut unseen",
  );
  const scenario = fc.record({
    count: fc.integer({ min: 1, max: 80 }),
    fates: fc.array(fate, { maxLength: 60 }),
    publishesPerSecond: fc.constantFrom(5, 50, 500),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ count, fates, publishesPerSecond }) => {
      expect(await sendAll(count, fates, { ...LIMITS, publishesPerSecond })).toEqual(ids(count));
    }),
    { numRuns: 200 },
  );
});

test("G1 nothing newer is sent while an event of a refused round is unanswered", async () => {
  const fates: Fate[] = [...Array.from({ length: 10 }, (): Fate => "take"), "refuse", "slow"];
  expect(await sendAll(60, fates, LIMITS)).toEqual(ids(60));
});

test("G1 a server that does not know rounds gets one event at a time, and the order holds", async () => {
  const { inflight: _none, ...limits } = LIMITS;
  const fates: Fate[] = ["take", "refuse", "take", "event first", "cut", "refuse", "refuse", "take"];
  expect(await sendAll(40, fates, limits)).toEqual(ids(40));
});

test("an event that is too large is refused before it is sent, and the next one goes", async () => {
  const server = new RoundServer([], LIMITS);
  const link = server.connect();
  const sender = new Sender({
    link: () => link,
    me: () => ALICE.id,
    history: () => Promise.reject(new Error("not asked")),
    resent: () => undefined,
    lost: () => undefined,
  });
  const add = (id: string, text: string) =>
    sender.outbox.add({ type: "publish", room: ROOM, id: id as EventId, text }, "ack");
  const large = add("large", "\n".repeat(TEXT_MAX_BYTES / 2 + 1));
  const fits = add("fits", "\n".repeat(TEXT_MAX_BYTES / 2));
  sender.flush();
  server.run();
  await expect(large).rejects.toMatchObject({ name: "HubbubError", code: "too_large" });
  await expect(fits).resolves.toMatchObject({ seq: 1 });
  expect(server.log).toEqual(["fits"]);
});

test("messages go on as soon as a further look finds the doubtful ones, whatever time an earlier one has to wait", async () => {
  const server = new RoundServer([], LIMITS);
  const link = server.connect();
  let isAway = true;
  const sender = new Sender({
    link: () => link,
    me: () => ALICE.id,
    history: async () => {
      if (isAway) throw new HubbubError("unavailable", undefined, { retryAfterMs: 60_000 });
      return { messages: [], head: 1, epoch: 3 };
    },
    resent: () => undefined,
    lost: () => undefined,
  });
  const add = (id: string) =>
    sender.outbox.add({ type: "publish", room: ROOM, id: id as EventId, text: id }, "ack").then(() => sender.flush());
  const first = add("first");
  sender.flush();
  server.run();
  await first;
  sender.reconcile(2);
  await vi.advanceTimersByTimeAsync(0);
  const second = add("second");
  sender.flush();
  expect(server.log).toEqual(["first"]);
  isAway = false;
  sender.reconcile(3);
  await vi.advanceTimersByTimeAsync(0);
  server.run();
  await second;
  expect(server.log).toContain("second");
});
