import { newId, type RoomEvent } from "@hubbub/protocol";
import { Alarm } from "../alarm.ts";
import { backoffMs } from "../backoff.ts";
import type { Client } from "../client.ts";
import type { Published } from "../http.ts";
import { HubbubError } from "../hubbub-error.ts";
import type { MessageOptions } from "../message-options.ts";
import { ignorable } from "../owner.ts";
import type { Room } from "../room.ts";
import type { PublishOptions } from "../room-acts.ts";
import type { Position } from "../room-cursor.ts";
import type { RoomListener } from "../room-listener.ts";
import { OutgoingMessages } from "./outgoing-messages.ts";
import { itemOfOutgoing, type TimelineItem } from "./timeline-items.ts";
import { TimelineLog } from "./timeline-log.ts";
import { View } from "./view.ts";
import { wholePage } from "./whole-page.ts";

const PAGE = 50;
const ITEMS_MAX = 2_000;
const BYTES_MAX = 16 * 1_024 * 1_024;

export interface TimelineOptions {
  /** Events of one page of the past: at most 200, by default 50. */
  readonly page?: number | undefined;
  /** Items that are kept: 2,000 by default, and 16 MiB. When new ones come, the oldest go; `loadOlder` stops there. */
  readonly maxItems?: number | undefined;
  /** Where the user had read when the timeline began, for `firstUnread`. */
  readonly readUpTo?: (() => Promise<number | undefined>) | undefined;
}

/**
 * `loading`: the newest page is on its way. `live`: everything new comes. `offline`: the connection is lost and will be
 * made good. `refused`: the room is closed to this user. `closed`: the client has ended.
 */
export type TimelineStatus = "loading" | "live" | "offline" | "refused" | "closed";

export interface TimelineSnapshot {
  readonly status: TimelineStatus;
  /** Why it is refused or closed, or why the newest page has not come yet. */
  readonly error: HubbubError | undefined;
  /** By their order in the room; own ones that are on their way are last. */
  readonly items: readonly TimelineItem[];
  readonly hasOlder: boolean;
  readonly isLoadingOlder: boolean;
  /** `seq` of the oldest message of somebody else that was not read when the timeline began, if all behind the mark is loaded. */
  readonly firstUnread: number | undefined;
}

/**
 * One room as a page shows it: what was said, what comes, and own messages from the moment in which they are sent. It loads
 * the newest page by itself; `loadOlder` has the others.
 */
export class Timeline extends View<TimelineSnapshot> {
  readonly room: Room;
  readonly #client: Client;
  readonly #options: TimelineOptions;
  readonly #page: number;
  readonly #maxItems: number;
  readonly #outgoing = new OutgoingMessages();
  readonly #again = new Alarm();
  #log = new TimelineLog();
  #stops: (() => void)[] = [];
  #hasBegun = false;
  #hasPage = false;
  #hasOlder = true;
  #error: HubbubError | undefined;
  #isRefused = false;
  #loading: Promise<void> | undefined;
  #me: string | undefined;
  #readUpTo: number | undefined;

  constructor(client: Client, room: string, options: TimelineOptions = {}) {
    super();
    this.#client = client;
    this.#options = options;
    this.#page = options.page ?? PAGE;
    this.#maxItems = options.maxItems ?? ITEMS_MAX;
    this.room = client.room(room);
  }

  /** Resolves when the message is acked. Its item is there at once, and tells what becomes of it. */
  send(text: string, { id = newId(), ...options }: PublishOptions & MessageOptions = {}): Promise<Published> {
    const published = this.room.publish(text, { id, ...options });
    const { replyTo, thread, broadcast, files } = options;
    const isTaken = this.#outgoing.get(id)?.delivery === "sending";
    published.catch((error: unknown) => {
      if (isTaken) this.#outgoing.unheard(id, error);
      else this.#outgoing.neverTaken({ id, text, replyTo, thread, broadcast, files }, error);
      this.changed();
    });
    return published;
  }

  /** Sends a refused message once more, under its id. */
  retry(id: string): Promise<Published> {
    const known = this.#outgoing.get(id);
    if (known?.delivery !== "refused") {
      return ignorable(
        Promise.reject(new HubbubError("bad_request", "no refused message of this timeline has this id")),
      );
    }
    const { text, replyTo, thread, broadcast, files } = known;
    this.#outgoing.remove(id);
    return this.send(text, { id, replyTo, thread, broadcast, files });
  }

  /** Takes a message away that was refused, or that waits to be sent. Answers whether it could. */
  dismiss(id: string): boolean {
    const isGone = this.#outgoing.get(id)?.delivery === "refused" || this.room.discard(id);
    if (isGone) this.#outgoing.remove(id);
    this.changed();
    return isGone;
  }

  /** Everything up to `seq` was read, by default all that is here. The line of `firstUnread` stays where it is. */
  markRead(seq: number = this.#log.newest): void {
    if (seq > 0) this.room.markRead(seq);
  }

  /** One page more of the past. Resolves when it is there, or when there is none. */
  loadOlder(): Promise<void> {
    if (!this.#hasPage || !this.#mayHaveOlder) return this.#loading ?? Promise.resolve();
    return this.#load();
  }

  /** Asks for what a gap leaves out, a page at a time. `from`: of its item. */
  loadGap(from: number): Promise<void> {
    return ignorable(this.#loadGap(from));
  }

  async #loadGap(from: number): Promise<void> {
    const log = this.#log;
    const gap = log.gapFrom(from);
    if (gap === undefined) return;
    const page = await wholePage(this.room, { after: gap.from - 1, limit: this.#page }, gap.to);
    if (this.#log === log && log.gapFrom(from) === gap) log.fillGap(gap, page);
    this.changed();
  }

  /** @internal */
  protected start(): void {
    const { state } = this.#client;
    if (state.state === "ready") this.#me = state.user.id;
    this.#outgoing.begin(this.room.pending);
    this.#stops = [this.#client.on("state", () => this.#stateChanged()), this.room.attach(this.#listener())];
    const { position, isLive, durable } = this.room;
    if (isLive && position !== undefined) this.#begin(position, durable);
    this.#options.readUpTo?.().then(
      (seq) => {
        this.#readUpTo = seq;
        this.changed();
      },
      () => undefined,
    );
  }

  /** @internal Own messages stay: nobody else has the refused ones. */
  protected stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#again.clear();
    this.#log = new TimelineLog();
    this.#hasBegun = false;
    this.#hasPage = false;
    this.#hasOlder = true;
    this.#isRefused = false;
    this.#error = undefined;
    this.#loading = undefined;
    this.#readUpTo = undefined;
    this.changed();
  }

  /** @internal */
  protected read(): TimelineSnapshot {
    const items = [...this.#log.items(this.#me), ...this.#outgoing.all.map(itemOfOutgoing)];
    return {
      status: this.#status,
      error: this.#error,
      items,
      hasOlder: this.#mayHaveOlder,
      isLoadingOlder: this.#hasPage && this.#loading !== undefined,
      firstUnread: this.#firstUnread(items),
    };
  }

  get #mayHaveOlder(): boolean {
    return this.#hasOlder && this.#log.size < this.#maxItems;
  }

  get #status(): TimelineStatus {
    if (this.#isRefused) return "refused";
    const { state } = this.#client.state;
    if (state === "closed") return "closed";
    // Until the room is live again, what is here may not be all.
    if (this.#hasBegun && !(state === "ready" && this.room.isLive)) return "offline";
    return this.#hasPage ? "live" : "loading";
  }

  #firstUnread(items: readonly TimelineItem[]): number | undefined {
    const mark = this.#readUpTo;
    if (mark === undefined || this.#log.oldest > mark + 1) return undefined;
    const isNew = (item: TimelineItem) => item.kind === "message" && !item.isOwn && (item.seq ?? 0) > mark;
    const first = items.find(isNew);
    return first?.kind === "message" ? first.seq : undefined;
  }

  #stateChanged(): void {
    const { state } = this.#client;
    if (state.state === "ready") this.#me = state.user.id;
    if (state.state === "closed") this.#error ??= state.error;
    this.changed();
  }

  #listener(): RoomListener {
    // What is told before the room is live is on the newest page too.
    const told = (tell: () => void, event?: RoomEvent): void => {
      if (this.#hasBegun) tell();
      if (this.#log.trim(this.#maxItems, BYTES_MAX)) this.#hasOlder = true;
      this.#outgoing.passed(event, event?.by.id === this.#me, this.#log.newest);
      this.changed();
    };
    return {
      onLive: (at) => {
        if (this.#hasBegun) this.changed();
        else this.#begin(at, undefined);
      },
      onEvent: (event) => told(() => this.#log.add(event), event),
      onMoved: (event, from) => told(() => this.#log.add(event, from), event),
      onGap: (gap) => told(() => this.#log.addGap(gap)),
      onDurable: (seq, epoch) => told(() => this.#log.durable(seq, epoch)),
      onEpoch: (epoch) => told(() => this.#log.epoch(epoch)),
      onRead: (seq) => {
        if (this.#readUpTo !== undefined) this.#readUpTo = Math.max(seq, this.#readUpTo);
        this.changed();
      },
      onRefused: (error) => {
        this.#isRefused = true;
        this.#error = error;
        this.changed();
      },
      onLost: (id, error) => this.#lost(id, error),
      onOutgoing: (message, outcome) => {
        this.#outgoing.heard(message, outcome, this.#log.newest);
        this.changed();
      },
    };
  }

  #begin(at: Position, mark: Position | undefined): void {
    this.#hasBegun = true;
    this.#hasOlder = at.seq > 0;
    this.#log.begin(at, mark);
    this.#loadFirst(0);
  }

  /** Tries again for as long as that can help. */
  #loadFirst(attempt: number): void {
    this.#load().catch((error: HubbubError) => {
      this.#error = error;
      const isOver = this.#client.state.state === "closed";
      if (error.shouldRetry() && !isOver)
        this.#again.set(backoffMs(attempt, Math.random()), () => this.#loadFirst(attempt + 1));
      this.changed();
    });
  }

  #load(): Promise<void> {
    this.#loading ??= ignorable(this.#loadPage(this.#log));
    this.changed();
    return this.#loading;
  }

  async #loadPage(log: TimelineLog): Promise<void> {
    const before = log.oldest;
    try {
      const query = { before, limit: this.#page };
      const page = this.#hasOlder && (await wholePage(this.room, query, before - 1));
      if (this.#log !== log) return;
      // Else the place was moved meanwhile, and the page does not meet it.
      if (page !== false && log.oldest === before) this.#hasOlder = log.addOlder(page) && log.oldest > 1;
      this.#hasPage = true;
      this.#error = undefined;
    } finally {
      if (this.#log === log) this.#loading = undefined;
      this.changed();
    }
  }

  /** It was accepted, lost with an epoch, and then refused: its author has it back. */
  #lost(id: string, error: HubbubError): void {
    const item = this.getSnapshot().items.find((one) => one.kind === "message" && one.isOwn && one.id === id);
    if (item?.kind !== "message") return;
    const { text, at, replyTo, thread, broadcast, files } = item;
    this.#outgoing.refused({ id, text, at, replyTo, thread, broadcast, files }, error);
    this.changed();
  }
}
