import { setTimeout as sleep } from "node:timers/promises";
import { type Client, HubbubError, type Room as LiveRoom } from "@hubbub/client";
import type { Room, RoomEvent, UserId } from "@hubbub/protocol";
import { type Action, actionOf, answerId } from "./answer.ts";
import type { Cursor, Place } from "./cursor.ts";
import { Deferred } from "./deferred.ts";
import { Inbox, wasAnswered } from "./inbox.ts";
import { type Script, ScriptFault } from "./script.ts";
import { Unanswered } from "./unanswered.ts";

const ATTEMPTS = 3;
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 60_000;
/** Own events behind the place that are known, so that no answer is sent again: a page has 100 events. */
const OWN_PAGES_MAX = 100;
const PAGE_EVENTS = 100;

export interface BotParts {
  readonly client: Client;
  readonly me: UserId;
  /** Names it in the ids of its answers. */
  readonly bot: string;
  readonly script: Script;
  readonly command: string | undefined;
  /** Aborted at the end of the program. */
  readonly signal: AbortSignal;
  log(line: string): void;
}

/** Answers the events of one room with a script, each at least once, and gives each answer once. */
export class RoomBot {
  readonly #parts: BotParts;
  readonly #room: Room;
  readonly #cursor: Cursor;
  readonly #live: LiveRoom;
  /** Ids of own events behind the place at the start. */
  #given = new Set<string>();
  #faults = 0;

  constructor(parts: BotParts, room: Room, cursor: Cursor) {
    this.#parts = parts;
    this.#room = room;
    this.#cursor = cursor;
    this.#live = parts.client.room(room.id);
  }

  /** Until it fails for good. @throws HubbubError not_member …; CliError where its place cannot be kept */
  async run(): Promise<never> {
    const http = this.#parts.client.http;
    const start = await this.#start();
    this.#parts.log(`answers in ${this.#room.name}`);
    const inbox = new Inbox(start, (query) => http.history(this.#room.id, query));
    const failed = new Deferred<never>();
    this.#live
      .subscribe({
        onEvent: (event) => inbox.offer(event),
        onLive: () => inbox.look(),
        onMoved: () => inbox.look(),
        onGap: () => inbox.look(),
        onEpoch: () => inbox.look(),
        onRefused: failed.reject,
        onLost: (id, error) => this.#parts.log(`an answer was lost (${id}): ${error.message}`),
      })
      .catch(failed.reject);
    const unanswered = new Unanswered((place) => this.#cursor.save(place));
    return Promise.race([failed.promise, unanswered.failed, this.#answerAll(inbox, unanswered)]);
  }

  /** Where an earlier run ended, else behind everything that is there. */
  async #start(): Promise<Place> {
    const kept = await this.#cursor.load();
    if (kept !== undefined) {
      this.#given = await this.#ownBehind(kept.seq);
      return kept;
    }
    const { head, epoch } = await this.#parts.client.http.history(this.#room.id, { limit: 1 });
    const place = { epoch, seq: head, former: 0 };
    await this.#cursor.save(place);
    return place;
  }

  /** The server knows an id for ten minutes only; after a longer time what was said tells what was answered. */
  async #ownBehind(start: number): Promise<Set<string>> {
    const ids = new Set<string>();
    let after = start;
    for (let page = 0; page < OWN_PAGES_MAX; page += 1) {
      const { messages, cursor } = await this.#parts.client.http.history(this.#room.id, { after, limit: PAGE_EVENTS });
      for (const { by, id } of messages) if (by.id === this.#parts.me) ids.add(id);
      after = messages.at(-1)?.seq ?? after;
      if (cursor === undefined) return ids;
      after = Math.max(after, cursor);
    }
    this.#parts.log(`more than ${OWN_PAGES_MAX * PAGE_EVENTS} events wait in ${this.#room.name}`);
    return ids;
  }

  async #answerAll(inbox: Inbox, unanswered: Unanswered): Promise<never> {
    for (;;) {
      const events = await this.#patiently(() => inbox.next());
      for (const { event, place } of events) {
        const isMeant = this.#isMeant(event) && !wasAnswered(event, place);
        await unanswered.add(place, isMeant ? this.#answer(event) : undefined);
      }
    }
  }

  /** Own events never are. */
  #isMeant(event: RoomEvent): boolean {
    const { me, command } = this.#parts;
    if (event.by.id === me) return false;
    if (command === undefined) return true;
    return event.kind === "message" && event.text.split(/\s/, 1)[0] === command;
  }

  async #answer(event: RoomEvent): Promise<void> {
    const lines = await this.#linesFor(event);
    // At once, so that no other answer comes between them: the client keeps their order.
    const given = [...lines.entries()].map(async ([at, line]) => {
      const action = actionOf(line, event);
      const id = answerId(this.#parts.bot, event, at);
      if (action.kind === "wrong") this.#parts.log(`line ${at + 1} of the answer to #${event.seq}: ${action.why}`);
      else if (!this.#given.has(id)) await this.#give(action, id, event);
    });
    await Promise.all(given);
  }

  /** An event that the script fails at again and again is left out, so that others get their answer. */
  async #linesFor(event: RoomEvent): Promise<readonly string[]> {
    const { script, signal, log } = this.#parts;
    const line = JSON.stringify(event);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const lines = await script.answer(line);
        this.#faults = 0;
        return lines;
      } catch (error) {
        if (!(error instanceof ScriptFault)) throw error;
        signal.throwIfAborted();
        log(`the script failed at #${event.seq} of ${this.#room.name}, attempt ${attempt}: ${error.message}`);
        this.#faults += 1;
      }
      if (attempt === ATTEMPTS) {
        log(`#${event.seq} of ${this.#room.name} is left without an answer`);
        return [];
      }
      await sleep(backoff(this.#faults - 1), undefined, { signal });
    }
  }

  /** A refusal is logged; it would be the same again. */
  async #give(action: Exclude<Action, { kind: "wrong" }>, id: string, event: RoomEvent): Promise<void> {
    const give = () =>
      action.kind === "publish"
        ? this.#live.publish(action.text, { ...action.options, id })
        : this.#live.react(action.target, action.emoji, { ...action.options, id });
    await this.#patiently(give).catch((error: unknown) => {
      if (!(error instanceof HubbubError) || error.code === "closed") throw error;
      this.#parts.log(`an answer to #${event.seq} of ${this.#room.name} was refused: ${error.message}`);
    });
  }

  /** As long as another attempt can help. */
  async #patiently<Result>(work: () => Promise<Result>): Promise<Result> {
    const { signal } = this.#parts;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof HubbubError) || !error.shouldRetry()) throw error;
        await sleep(error.retryAfterMs ?? backoff(attempt), undefined, { signal });
      }
    }
  }
}

const backoff = (attempt: number) => Math.min(RETRY_MS * 2 ** attempt, RETRY_MAX_MS);
