import { HubbubError, type Room as LiveRoom, Messages, type RoomListener, Typists } from "@hubbub/client";
import { type Room, type RoomEvent, UNCHANGED, type UserId } from "@hubbub/protocol";
import { slowModeAfter, slowModeIn, slowModeOf } from "./composer.ts";
import { explain } from "./explain.ts";
import { isEnd, Outgoing } from "./outgoing.ts";
import { itemsOf, Panels } from "./panel.ts";
import { RoomFiles } from "./room-files.ts";
import { type ConversationHost, type Edit, freshTalk, type Place, roomAfter, type Talk } from "./talk.ts";
import {
  type Extras,
  type Item,
  isInRoom,
  type Timeline,
  toItem,
  withDurable,
  withEpoch,
  withEvent,
  withGap,
  withLive,
  withMoved,
  withStates,
} from "./timeline.ts";
import { heardSignal, typingLine } from "./typing-line.ts";
import { Uploads } from "./uploads.ts";
import { WindowLoader } from "./window-loader.ts";

export type { ConversationHost, Edit, Talk } from "./talk.ts";

/** Messages whose state is kept beside those of the window. */
const STATES_SLACK = 500;

/** One room for as long as it is heard: what was said, what comes, what is being sent. It outlives its view. */
export class Conversation {
  readonly #host: ConversationHost;
  readonly #live: LiveRoom;
  readonly #typing: Typists;
  readonly #closing = new AbortController();
  readonly #messages = new Messages();
  readonly #loader: WindowLoader;
  readonly #outgoing: Outgoing;
  readonly uploads: Uploads;
  readonly files: RoomFiles;
  readonly panels: Panels;
  /** The refused edit is in the box again. */
  readonly editReturned = (): void => this.#set({ refusedEdit: undefined });
  #talk: Talk;

  /** What becomes of events that were told. */
  readonly #changes: Pick<RoomListener, "onMoved" | "onGap" | "onEpoch" | "onDurable"> = {
    onMoved: (event, from) => {
      this.#messages.add(event, from);
      this.#outgoing.moved(event.id, event.seq, event.epoch);
      this.#change((timeline) => withMoved(timeline, event, from));
    },
    onGap: (gap) => {
      if (gap.reason === "epoch") this.#messages.lost(gap);
      if (gap.reason === "epoch") this.#loader.cut();
      this.#change((timeline) => withGap(timeline, gap));
    },
    onEpoch: () => {
      this.#loader.cut();
      this.#change(withEpoch);
    },
    onDurable: (seq, epoch) => {
      this.#messages.durable(seq, epoch);
      this.#outgoing.durable(seq, epoch);
      this.#change((timeline) => withDurable(timeline, seq, epoch));
    },
  };

  constructor(room: Room, host: ConversationHost) {
    this.#host = host;
    this.#live = host.client.room(room.id);
    this.#talk = freshTalk(room, host.kept(room.id));
    this.#typing = new Typists(
      () => host.me,
      () => this.#set({ typing: typingLine(this.#typing.users) }),
    );
    this.uploads = new Uploads(this.#live, (uploads) => this.#set({ uploads }));
    const shared = { room: room.id, timeline: () => this.#talk.timeline };
    const { http } = host.client;
    const failed = (error: unknown): void => host.failed(error);
    this.files = new RoomFiles({ room: room.id, live: this.#live, files: http.files, failed });
    this.panels = new Panels({
      room: room.id,
      http,
      messages: this.#messages,
      signal: this.#closing.signal,
      shown: () => this.#talk.panel,
      set: (panel) => this.#set({ panel }),
      read: () => this.#change((timeline) => timeline),
      failed,
    });
    this.#outgoing = new Outgoing({
      ...shared,
      live: this.#live,
      words: host.words,
      change: (change) => this.#change(change),
      slowed: (retryAfterMs) => {
        const now = Date.now();
        const slow = retryAfterMs === undefined ? slowModeOf(this.room, now) : slowModeAfter(retryAfterMs, now);
        if (slow !== undefined) this.#set({ slow });
      },
    });
    this.#loader = new WindowLoader({
      ...shared,
      http,
      signal: this.#closing.signal,
      take: (pages, change) => {
        for (const page of pages) this.#messages.addPage(page);
        this.#change(change);
      },
      loading: (isLoading) => this.#set({ isLoading }),
    });
  }

  get me(): UserId {
    return this.#host.me;
  }

  get room(): Room {
    return this.#talk.room;
  }

  /** Something is being written. */
  typed(): void {
    if (this.#typing.mayTell()) this.#live.typing();
  }

  get talk(): Talk {
    return this.#talk;
  }

  /** Nothing is on its way and nothing was refused: closing it loses nothing. */
  get isIdle(): boolean {
    const { timeline, uploads, refusedEdit } = this.#talk;
    return timeline.drafts.length + uploads.length === 0 && refusedEdit === undefined && !this.#outgoing.isWatching();
  }

  /** Hears the room first and loads what was said before then: a failed request leaves no room deaf. */
  start(): void {
    this.#set({ isLoading: true, closed: "" });
    let isFirst = true;
    const onLive = ({ seq }: { seq: number }): void => {
      this.#change((timeline) => withLive(timeline, seq));
      if (isFirst && this.#talk.timeline.items.length === 0) this.#load(() => this.#loader.older());
      if (isFirst) this.#set({ isLoading: this.#loader.isLoading });
      isFirst = false;
    };
    const subscribed = this.#live.subscribe({
      ...this.#changes,
      onLive,
      onEvent: (event) => this.#hear(event),
      onSignal: (signal) => heardSignal(signal, this.#typing, (change) => this.#change(change)),
      onRefused: (error) => {
        this.#set({ isLoading: false, closed: explain(error) });
        this.#host.refused(this.room.id, error);
      },
      onLost: (id, error) => this.#outgoing.lost(id, error),
    });
    // Whatever ends it is told by `onRefused`, or is the end of the client.
    subscribed.catch((error: unknown) => explain(error));
    this.#outgoing.restoreAll();
  }

  /** A message stays as a draft until its event comes. The window goes to the head, where the message will be. */
  send(text: string, extras: Extras = {}): void {
    this.#outgoing.send(text, extras);
    this.toNewest();
  }

  /** An edit, a deletion, a reaction or a pin. A refusal is told. */
  act(work: (live: LiveRoom) => Promise<unknown>): void {
    work(this.#live).catch((error: unknown) => {
      if (!isEnd(error)) this.#host.failed(error);
    });
  }

  /** Answers why it was refused; undefined: it was taken, or the client has ended. */
  async edit({ message, text, baseSeq }: Edit): Promise<HubbubError | undefined> {
    try {
      await this.#live.edit(message.seq, text, { baseSeq });
    } catch (error) {
      if (!(error instanceof HubbubError)) throw error;
      if (isEnd(error)) return undefined;
      this.#set({ refusedEdit: { message, text, baseSeq: error.current?.seq ?? baseSeq } });
      return error;
    }
    return undefined;
  }

  /** A refused message, once more. */
  resend(id: string): void {
    this.#outgoing.resend(id);
  }

  /** A refused message is given up. */
  discard(id: string): void {
    this.#outgoing.discard(id);
  }

  loadOlder(): void {
    this.#load(() => this.#loader.older());
  }

  loadNewer(): void {
    this.#load(() => this.#loader.newer());
  }

  /** Back to the head of the room. */
  toNewest(): void {
    if (this.#talk.timeline.hasNewer) this.#load(() => this.#loader.head());
  }

  /** `talk.target` says then what is to be shown. */
  jump(place: Place): void {
    this.#load(async () => {
      if (place === "unread") await this.#toUnread();
      else if ("seq" in place) await this.#toSeq(place.seq);
      else if (await this.#loader.date(place.date)) this.#aim(({ at }) => at >= place.date);
    });
  }

  /** The user looks at the room. `read`: up to where they had read, if that is known. */
  seen(read?: number): void {
    if (read !== undefined) this.#set({ readAtOpening: read });
    if (this.#talk.unread > 0) this.#set({ unread: 0 });
  }

  close(): void {
    this.#closing.abort();
    this.uploads.end();
    this.#typing.end();
    this.#live.unsubscribe();
  }

  #load(work: () => Promise<unknown>): void {
    work().catch((error: unknown) => this.#host.failed(error));
  }

  /** The item at this place or the next one; the last one where there is none behind it. */
  async #toSeq(wanted: number): Promise<void> {
    const seq = this.#messages.presentSeq(wanted);
    const { oldest, newest } = this.#talk.timeline;
    const isLoaded = seq >= oldest && seq <= newest;
    if (isLoaded || (await this.#loader.around(seq))) this.#aim((item) => item.seq >= this.#messages.presentSeq(seq));
  }

  /** Without a mark nothing says what was read. */
  async #toUnread(): Promise<void> {
    const { readAtOpening } = this.#talk;
    if (readAtOpening === undefined) this.toNewest();
    else await this.#toSeq(readAtOpening + 1);
  }

  #aim(isWanted: (item: Item) => boolean): void {
    const items = this.#talk.timeline.items.filter(isInRoom);
    const item = items.find(isWanted) ?? items.at(-1);
    if (item !== undefined) this.#set({ target: { seq: item.seq } });
  }

  #hear(event: RoomEvent): void {
    this.#messages.add(event);
    this.#typing.ended(event.by.id);
    const room = roomAfter(this.room, event, this.#host.me);
    if (room !== this.room) {
      this.#set({ room, slow: slowModeIn(room, this.#talk.slow, Date.now()) });
      this.#host.roomChanged(room);
    }
    const { head } = this.#talk.timeline;
    this.#host.heard(room, event);
    this.#change((timeline) => withEvent(timeline, event));
    const isSaid = event.kind === "message" && isInRoom(toItem({ event, state: UNCHANGED }));
    if (!isSaid || event.seq <= head || event.by.id === this.#host.me) return;
    const { unread, news } = this.#talk;
    if (this.#talk.timeline.hasNewer) this.#set({ news: news + 1 });
    if (!this.#host.isSeen(this.room.id)) this.#set({ unread: unread + 1 });
  }

  #change(change: (timeline: Timeline) => Timeline): void {
    const timeline = withStates(change(this.#talk.timeline), (seq) => this.#messages.get(seq));
    const { panel, news } = this.#talk;
    this.#set({
      timeline,
      news: timeline.hasNewer ? news : 0,
      panel: panel && { ...panel, items: itemsOf(panel, this.#messages) },
    });
    if (this.#messages.size > timeline.items.length + timeline.ahead.length + STATES_SLACK) this.#retain(timeline);
  }

  #retain({ oldest, newest, aheadFrom }: Timeline): void {
    const shown = new Set(this.#talk.panel?.items.map(({ seq }) => seq));
    this.#messages.retain((seq) => (seq >= oldest && seq <= newest) || seq >= aheadFrom || shown.has(seq));
  }

  #set(change: Partial<Talk>): void {
    this.#talk = { ...this.#talk, ...change };
    if (!this.#closing.signal.aborted) this.#host.changed(this.#talk);
  }
}
