import type { RoomListener } from "@hubbub/client";
import type { HistoryPage, Room, RoomEvent, UserId } from "@hubbub/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Conversation, type ConversationHost } from "./conversation.ts";
import { PageStorage } from "./page-storage.ts";
import { Words } from "./words.ts";

type Frame = { event: RoomEvent } | { gap: { from: number; to: number } } | { epoch: number };
interface Asked {
  readonly query: { before?: number; after?: number };
  readonly size: number;
  readonly answer: (page: HistoryPage) => void;
  /** As it was when it was asked for; undefined: it is read when it is answered. */
  readonly early: HistoryPage | undefined;
}

/** Five of these are more than a window holds. */
const LARGE = "x".repeat(450 * 1_024);
const KINDS = ["message", "message", "large", "edit", "join"] as const;

/** A room whose frames and answers arrive when a test lets them. */
class Server {
  log: RoomEvent[] = [];
  feed: Frame[] = [];
  asked: Asked[] = [];
  told = 0;
  epoch = 1;
  seq = 0;
  pageSize = 3;
  isEarly = false;
  #ids = 0;

  say(kind: (typeof KINDS)[number]): void {
    this.seq += 1;
    this.#ids += 1;
    const head = { type: "event", room: "r", epoch: this.epoch, seq: this.seq, at: this.#ids, id: `m${this.#ids}` };
    const targets = this.log.filter((one) => one.kind === "message").slice(-8);
    const target = targets[this.#ids % Math.max(1, targets.length)]?.seq ?? 1;
    const bodies = {
      message: { kind: "message", text: `text ${this.#ids}` },
      large: { kind: "message", text: LARGE },
      edit: { kind: "edit", target, text: `edit ${this.#ids}` },
      join: { kind: "join", user: "you" },
    };
    const event = { ...head, by: { id: "you", username: "you" }, ...bodies[kind] } as never as RoomEvent;
    this.log.push(event);
    this.feed.push({ event });
  }

  /** The log is lost: the numbers go on far above. */
  jump(): void {
    this.feed.push({ gap: { from: this.seq + 1, to: this.seq + 1_000 } });
    this.epoch += 1;
    this.seq += 1_000;
    this.feed.push({ epoch: this.epoch });
  }

  /** An older state comes back: the last events are void. */
  restore(count: number): void {
    const kept = this.log.slice(0, Math.max(0, this.log.length - count));
    const head = kept.at(-1)?.seq ?? 0;
    const gaps = this.feed.flatMap((frame) => ("gap" in frame ? [frame.gap.from - 1] : []));
    // An earlier restored state may be untold yet.
    const valid = Math.min(head, this.told, ...gaps);
    const lost: Frame[] = this.told > valid ? [{ gap: { from: valid + 1, to: this.told } }] : [];
    const missed = kept.filter(({ seq }) => seq > valid).map((event) => ({ event }));
    this.log = kept;
    this.epoch += 1;
    this.feed = [...lost, ...missed, { epoch: this.epoch }];
    this.seq = head;
  }

  tell(listener: RoomListener): void {
    const frame = this.feed.shift();
    if (frame === undefined) return;
    if ("gap" in frame) {
      const isLost = frame.gap.from <= this.told;
      this.told = isLost ? frame.gap.from - 1 : frame.gap.to;
      listener.onGap?.({ ...frame.gap, reason: "epoch" });
      return;
    }
    if ("epoch" in frame) {
      listener.onEpoch?.(frame.epoch);
      return;
    }
    const { event } = frame;
    this.told = event.seq;
    listener.onEvent(event);
  }

  history(query: Asked["query"]): Promise<HistoryPage> {
    const size = this.pageSize;
    const early = this.isEarly ? this.page(query, size) : undefined;
    return new Promise((answer) => this.asked.push({ query, size, answer, early }));
  }

  answer(index: number): void {
    const [asked] = this.asked.splice(index % Math.max(1, this.asked.length), 1);
    asked?.answer(asked.early ?? this.page(asked.query, asked.size));
  }

  page({ before = Infinity, after }: Asked["query"], size: number): HistoryPage {
    const range = this.log.filter(({ seq }) => seq < before && seq > (after ?? 0));
    const messages = after === undefined ? range.slice(-size) : range.slice(0, size);
    const last = after === undefined ? messages[0] : messages.at(-1);
    const cursor = last === undefined || messages.length === range.length ? {} : { cursor: last.seq };
    const states = messages.flatMap(({ seq }) => {
      const text = this.textOf(seq);
      return text === undefined ? [] : [{ seq, text, edited: { seq, at: 0, count: 1 } }];
    });
    return { messages, states, statesUpTo: this.seq, head: this.seq, epoch: this.epoch, ...cursor };
  }

  /** After its newest edit; undefined: it has none. */
  textOf(target: number): string | undefined {
    const edit = this.log.findLast((event) => event.kind === "edit" && event.target === target);
    return edit?.kind === "edit" ? edit.text : undefined;
  }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("say" as const), kind: fc.constantFrom(...KINDS) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("tell" as const) }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constant("answer" as const), index: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.constantFrom(...(["older", "newer", "newest"] as const)).map((load) => ({ do: load })) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("jump" as const), to: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("epoch" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restore" as const), count: fc.nat(4) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("pages" as const),
      size: fc.integer({ min: 1, max: 5 }),
      early: fc.boolean(),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function setUp(before: number, jumpsEarly: boolean) {
  const server = new Server();
  for (let count = 0; count < before; count += 1) server.say(count % 3 === 2 ? "edit" : "message");
  server.feed = [];
  server.told = server.seq;
  let listener: RoomListener = { onEvent: () => undefined };
  const subscribe = (given: RoomListener) => {
    listener = given;
    return new Promise<never>(() => undefined);
  };
  const search = async () => ({ results: [] });
  const history = (_room: string, query: Asked["query"]) => server.history(query);
  const host = {
    me: "me" as UserId,
    client: { room: () => ({ subscribe, unsubscribe: () => undefined }), http: { history, search } },
    words: new Words(new PageStorage(() => ({}) as Storage, "hubbub."), "me"),
    isSeen: () => true,
    changed: () => undefined,
    heard: () => undefined,
    failed: (error: unknown) => expect.fail(String(error)),
  } as unknown as ConversationHost;
  const conversation = new Conversation({ id: "r" } as Room, host);
  conversation.start();
  if (jumpsEarly) conversation.jump({ seq: 1 });
  listener.onLive?.({ seq: server.seq, epoch: 1 });
  return { server, conversation, tell: () => server.tell(listener) };
}

/** Answers go through a few promises. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

function take({ server, conversation, tell }: ReturnType<typeof setUp>, made: Step): void {
  const { log } = server;
  if (made.do === "say") server.say(made.kind);
  else if (made.do === "tell") tell();
  else if (made.do === "answer") server.answer(made.index);
  else if (made.do === "older") conversation.loadOlder();
  else if (made.do === "newer") conversation.loadNewer();
  else if (made.do === "newest") conversation.toNewest();
  else if (made.do === "jump") conversation.jump({ seq: log[made.to % Math.max(1, log.length)]?.seq ?? 1 });
  else if (made.do === "epoch") server.jump();
  else if (made.do === "restore") server.restore(made.count);
  else if (made.do === "pages") {
    server.pageSize = made.size;
    server.isEarly = made.early;
  }
}

const shown = (events: readonly RoomEvent[]) =>
  events.filter(({ kind }) => kind !== "edit").map(({ seq, epoch }) => `${seq}.${epoch}`);

/** The window has exactly what the log has between its ends. */
function check({ server, conversation }: ReturnType<typeof setUp>): void {
  const { items, oldest, newest, head, hasNewer, ahead } = conversation.talk.timeline;
  const found = items.map((item) => (item.kind === "note" ? item : item.event)).map((one) => `${one.seq}.${one.epoch}`);
  expect(found).toEqual(shown(server.log.filter(({ seq }) => seq >= oldest && seq <= newest)));
  expect(hasNewer).toBe(newest < head);
  if (!hasNewer) expect(ahead).toEqual([]);
  expect(head).toBe(server.told);
}

/** Every message has the text of its newest edit. */
function checkTexts({ server, conversation }: ReturnType<typeof setUp>): void {
  const { items } = conversation.talk.timeline;
  for (const item of items) if (item.kind === "message") expect(item.state.text).toBe(server.textOf(item.seq));
}

async function drain(all: ReturnType<typeof setUp>): Promise<void> {
  const { server, tell } = all;
  while (server.feed.length > 0 || server.asked.length > 0) {
    tell();
    server.answer(0);
    await settle();
  }
}

test("G8 loads, jumps, live events and lost epochs in any order leave exactly the log between the ends of the window", async () => {
  const jumps = { joined: 0, left: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 30 }),
      fc.boolean(),
      fc.array(step, { maxLength: 60, size: "max" }),
      async (before, jumpsEarly, steps) => {
        const all = setUp(before, jumpsEarly);
        const { server, conversation } = all;
        for (const made of steps) {
          const { hasNewer } = conversation.talk.timeline;
          take(all, made);
          await settle();
          if (hasNewer) jumps.left += 1;
          if (hasNewer && !conversation.talk.timeline.hasNewer) jumps.joined += 1;
          // Until it is told, the client cannot know that something is void.
          const isBehind = server.feed.some((frame) => !("event" in frame));
          if (!isBehind) check(all);
        }
        await drain(all);
        check(all);
        while (conversation.talk.timeline.hasNewer) {
          conversation.loadNewer();
          await drain(all);
          check(all);
        }
        expect(conversation.talk.timeline.newest).toBe(server.told);
        // What a page had counted in of void edits stays until the next page.
        if (steps.every((made) => made.do !== "restore")) checkTexts(all);
      },
    ),
    { numRuns: 300 },
  );
  expect(jumps.joined).toBeGreaterThan(20);
});
