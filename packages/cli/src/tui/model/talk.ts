import { type Gap, HubbubError, type Room as LiveRoom, type Message, Messages, Typists } from "@hubbub/client";
import {
  type EventId,
  type FileInfo,
  type HistoryPage,
  newId,
  type PublicUser,
  type Room,
  type RoomEvent,
} from "@hubbub/protocol";
import { newsOf } from "../../chat/render.ts";
import { Drafts, type Extras } from "./drafts.ts";
import { NewLine } from "./new-line.ts";
import { SaidLines } from "./said-lines.ts";
import type { TalkHost } from "./talk-host.ts";

const PAGE = 50;
/** Messages kept; at the bound the older half goes and is loaded again when somebody scrolls there. */
export const MESSAGES_MAX = 4_000;

/** One room for as long as it is heard: what was said, what comes, what is being sent. */
export class Talk {
  readonly messages = new Messages();
  readonly drafts: Drafts;
  readonly said = new SaidLines();
  readonly newLine = new NewLine();
  readonly typists: Typists;
  /** What happened besides messages, by seq. */
  readonly notes = new Map<number, { readonly at: number; readonly text: string }>();
  readonly live: LiveRoom;
  room: Room;
  /** Why the room is no longer heard; "" while it is. */
  closed = "";
  isLoading = false;
  hasOlder = false;
  /** Everything from here on is loaded, and everything up to `newest` was told. */
  oldest = 1;
  newest = 0;
  durableSeq = 0;
  /** The newest event that was on the screen. */
  read = 0;
  /** An old part of the room that is looked at, which the present does not reach. */
  past: { from: number; to: number } | undefined;
  /** A number that differs when something is to be drawn anew. */
  version = 0;
  /** The first event that was heard. */
  #first: number | undefined;
  readonly #host: TalkHost;

  constructor(room: Room, host: TalkHost) {
    this.room = room;
    this.#host = host;
    this.live = host.client.room(room.id);
    this.typists = new Typists(
      () => host.me()?.id,
      () => this.#changed(),
    );
    this.drafts = new Drafts(this.live, host, () => this.#changed());
  }

  /** Hears the room first and loads what was said before then: a failed request leaves no room deaf. */
  start(): void {
    let isFirst = true;
    const onLive = ({ seq }: { seq: number }): void => {
      if (!isFirst) return;
      isFirst = false;
      // A room that is heard again goes on where it was: its events come before it is live.
      const oldest = this.#first ?? seq + 1;
      Object.assign(this, { oldest, newest: Math.max(seq, this.newest), hasOlder: oldest > 1 });
      this.loadOlder();
    };
    const subscribed = this.live.subscribe({
      onLive,
      onEvent: (event) => this.#hear(event),
      onSignal: ({ kind, by }) => kind === "typing" && this.typists.heard(by),
      onRead: (seq) => this.#host.readElsewhere(this, seq),
      onMoved: (event, from) => this.#moved(event, from),
      onGap: (gap) => this.#gap(gap),
      onDurable: (seq, epoch) => {
        this.messages.durable(seq, epoch);
        this.durableSeq = seq;
        this.#changed();
      },
      onRefused: (error) => {
        this.closed = this.#host.explain(error);
        this.#host.refused(this, error);
        this.#changed();
      },
      onLost: (id, error) => this.#lost(id, error),
      onOutgoing: (message, outcome) => this.drafts.heard(message, outcome),
    });
    // What ends it is told by `onRefused`, or is the end of the client.
    subscribed.catch((error: unknown) => error instanceof HubbubError || Promise.reject(error));
  }

  close(): void {
    this.typists.end();
    this.live.unsubscribe();
  }

  /** Sent in the order of the calls. It stays as a draft until its event comes. */
  send(text: string, extras: Extras = {}): void {
    this.drafts.send({ id: newId<EventId>(), text, ...extras });
  }

  get me(): PublicUser | undefined {
    return this.#host.me();
  }

  /** Lines for this user alone. */
  say(lines: readonly string[], thread?: number): void {
    if (lines.length === 0) return;
    this.said.add({ after: this.newest, lines, thread });
    this.#changed();
  }

  /** The page before what is shown. */
  loadOlder(): void {
    const place = () => this.past?.from ?? this.oldest;
    const before = place();
    if (this.isLoading || before <= 1 || !(this.past !== undefined || this.hasOlder)) return;
    this.#load(async () => {
      const page = await this.#page({ before }, before - 1);
      // Else the place was moved meanwhile, and the page does not meet it.
      if (place() !== before) return;
      this.#addPage(page);
      const from = page.messages[0]?.seq ?? 1;
      if (this.past !== undefined) this.past = { ...this.past, from };
      else Object.assign(this, { oldest: from, hasOlder: page.messages.length > 0 && from > 1 });
    });
  }

  /** The page behind an old part, until it meets the present. */
  loadNewer(): void {
    const { past } = this;
    if (past === undefined || this.isLoading) return;
    this.#load(async () => {
      const page = await this.#page({ after: past.to }, this.oldest - 1);
      if (this.past?.to !== past.to) return;
      this.#addPage(page);
      this.#pastReaches(page.messages.at(-1)?.seq ?? Number.POSITIVE_INFINITY);
    });
  }

  /** Loads what is around a message. @throws HubbubError unknown_message */
  async show(seq: number): Promise<Message | undefined> {
    const known = this.messages.get(seq);
    if (known !== undefined && known.event.seq >= this.oldest) {
      this.past = undefined;
      return known;
    }
    const { older, newer } = await this.#host.client.http.messages.around(this.room.id, seq, PAGE);
    this.#addPage(older);
    this.#addPage(newer);
    this.past = { from: older.messages[0]?.seq ?? seq, to: seq };
    this.#pastReaches(newer.messages.at(-1)?.seq ?? seq);
    return this.messages.get(seq);
  }

  /** Back to the present. */
  leavePast(): void {
    this.past = undefined;
    this.#changed();
  }

  /** The messages of a thread go among the others; the room does not show them. */
  loadThread(root: number): void {
    this.#load(async () => {
      const { http } = this.#host.client;
      if (this.messages.get(root) === undefined) this.#addPage(await http.messages.get(this.room.id, root));
      this.#addPage(await http.messages.thread(this.room.id, root));
    });
  }

  /** A file's address, once it is known. */
  fileUrl(file: FileInfo): string | undefined {
    return this.#host.links.of(this.room.id, file.id);
  }

  /** `upTo`: see `wholePage` of the SDK. A page that has less, or was read in another epoch, is asked for again. */
  async #page(query: { before?: number; after?: number }, upTo: number): Promise<HistoryPage> {
    const epoch = this.live.position?.epoch;
    const page = await this.live.history({ ...query, limit: PAGE });
    if ((page.partial && page.head < upTo) || this.live.position?.epoch !== epoch) throw new HubbubError("unavailable");
    return page;
  }

  #load(work: () => Promise<void>): void {
    this.isLoading = true;
    this.#changed();
    this.#host
      .persist(work)
      .catch((error: unknown) => {
        // Else it would be asked for again with the next frame.
        this.hasOlder = false;
        this.#host.failed(error, this);
      })
      .finally(() => {
        this.isLoading = false;
        this.#changed();
      });
  }

  #addPage(page: Pick<HistoryPage, "messages" | "states" | "statesUpTo">): void {
    this.messages.addPage(page);
    for (const event of page.messages) this.#note(event);
    this.#changed();
  }

  #pastReaches(to: number): void {
    if (this.past === undefined) return;
    if (to + 1 < this.oldest) this.past = { ...this.past, to: Math.max(to, this.past.to) };
    else {
      this.oldest = this.past.from;
      this.past = undefined;
    }
  }

  #hear(event: RoomEvent): void {
    this.#first ??= event.seq;
    this.newest = Math.max(this.newest, event.seq);
    this.messages.add(event);
    this.#note(event);
    this.#stands(event);
    this.typists.ended(event.by.id);
    this.#follow(event);
    this.#trim();
    this.#host.heard(this, event);
    this.#changed();
  }

  /** What the event changes of the room itself. */
  #follow(event: RoomEvent): void {
    const { room } = this;
    if (event.kind === "room") this.room = { ...room, name: event.name, topic: event.topic, settings: event.settings };
    const isOwn = event.kind === "member" && event.user === this.#host.me()?.id && event.role !== undefined;
    if (isOwn) this.room = { ...room, role: event.role as Room["role"] };
  }

  #note(event: RoomEvent): void {
    const text = newsOf(event);
    if (text !== undefined) this.notes.set(event.seq, { at: event.at, text });
  }

  #moved(event: RoomEvent, from: number): void {
    this.notes.delete(from);
    this.messages.add(event, from);
    this.#note(event);
    this.#stands(event);
    this.#changed();
  }

  /** An own event stands for its draft. Ids of others are others' ids. */
  #stands(event: RoomEvent): void {
    if (event.by.id === this.me?.id) this.drafts.arrived(event);
    else this.drafts.passed(event.seq);
  }

  #gap(gap: Gap): void {
    if (gap.reason === "epoch") {
      this.messages.lost(gap);
      this.durableSeq = Math.min(this.durableSeq, gap.from - 1);
      for (const seq of this.notes.keys()) if (seq >= gap.from && seq <= gap.to) this.notes.delete(seq);
    } else {
      this.newest = Math.max(this.newest, gap.to);
      this.notes.set(gap.to, { at: 0, text: `${gap.to - gap.from + 1} events are missing here` });
    }
    this.drafts.passed(this.newest);
    this.#changed();
  }

  /** It was taken, and lost with an epoch: its writer has it back. */
  #lost(id: string, error: HubbubError): void {
    const lost = this.messages.all.find(({ event }) => event.id === id);
    if (lost !== undefined) this.drafts.refused(lost.event, error);
  }

  #trim(): void {
    if (this.messages.size <= MESSAGES_MAX) return;
    const first = this.messages.all.at(-MESSAGES_MAX / 2)?.event.seq ?? 1;
    this.messages.retain((seq) => seq >= first);
    for (const seq of this.notes.keys()) if (seq < first) this.notes.delete(seq);
    Object.assign(this, { oldest: first, hasOlder: true, past: undefined });
  }

  #changed(): void {
    this.version += 1;
    this.#host.changed();
  }
}
