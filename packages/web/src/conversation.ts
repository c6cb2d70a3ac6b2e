import { type Client, HubbubError, type Room as LiveRoom, Messages } from "@hubbub/client";
import { DEDUPE_WINDOW_MS, type EventId, newId, type Room, type RoomEvent, type UserId } from "@hubbub/protocol";
import { explain } from "./explain.ts";
import { itemsOf, loadPanel, type Panel, type PanelKind } from "./panel.ts";
import { persist } from "./persist.ts";
import {
  type Extras,
  isInRoom,
  type Timeline,
  textOf,
  withDraft,
  withDurable,
  withEvent,
  withGap,
  withLive,
  withMoved,
  withOlder,
  withoutDraft,
  withStates,
  withTaken,
} from "./timeline.ts";
import { Typing } from "./typing.ts";
import { type Upload, Uploads } from "./uploads.ts";
import type { Unsent, Words } from "./words.ts";

const PAGE = 50;
/** Messages whose state is kept; above it, those that the timeline has dropped go. */
const STATES_MAX = 4_000;
/** An older message may be sent already, and the server would no longer recognise it. */
const RESEND_MS = DEDUPE_WINDOW_MS * 0.8;
/** The client or its login ended. A message on its way waits for the next visit. */
const ENDS = new Set(["closed", "bad_token", "session_revoked", "refresh_reused"]);

/** One room as it is known here. */
export interface Talk {
  readonly room: Room;
  readonly timeline: Timeline;
  readonly isLoading: boolean;
  /** Messages of others that came while nobody looked. */
  readonly unread: number;
  /** Why the room is no longer heard; "" while it is. */
  readonly closed: string;
  readonly uploads: readonly Upload[];
  readonly panel: Panel | undefined;
  /** Who types now, in words. */
  readonly typing: string;
}

export interface ConversationHost {
  readonly me: UserId;
  readonly client: Pick<Client, "room" | "http">;
  readonly words: Words;
  /** The room as an earlier visit has left it. */
  kept(room: Room["id"]): Timeline;
  /** Whether somebody sees what is new. */
  isSeen(room: Room["id"]): boolean;
  changed(talk: Talk): void;
  failed(error: unknown): void;
  /** The server lets the user hear this room no more. */
  refused(room: Room["id"], error: HubbubError): void;
  /** Name, settings or the own role are others now. */
  roomChanged(room: Room): void;
}

/** One room for as long as it is heard: what was said, what comes, what is being sent. It outlives its view. */
export class Conversation {
  readonly #host: ConversationHost;
  readonly #live: LiveRoom;
  readonly #typing: Typing;
  readonly #closing = new AbortController();
  readonly #messages = new Messages();
  readonly uploads: Uploads;
  #talk: Talk;

  constructor(room: Room, host: ConversationHost) {
    this.#host = host;
    this.#live = host.client.room(room.id);
    this.#talk = {
      room,
      timeline: host.kept(room.id),
      isLoading: true,
      unread: 0,
      closed: "",
      uploads: [],
      panel: undefined,
      typing: "",
    };
    this.#typing = new Typing(host.me, (typing) => this.#set({ typing }));
    this.uploads = new Uploads(this.#live, (uploads) => this.#set({ uploads }));
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
    return this.#talk.timeline.drafts.length === 0 && this.#talk.uploads.length === 0;
  }

  /** Hears the room first and loads what was said before then: a failed request leaves no room deaf. */
  start(): void {
    this.#set({ isLoading: true, closed: "" });
    let isFirst = true;
    const onLive = ({ seq }: { seq: number }): void => {
      if (isFirst && this.#talk.timeline.newest === 0) this.#change((timeline) => withLive(timeline, seq));
      if (isFirst) this.#load().catch((error: unknown) => this.#host.failed(error));
      isFirst = false;
    };
    const subscribed = this.#live.subscribe({
      onLive,
      onEvent: (event) => this.#hear(event),
      onSignal: ({ kind, by }) => kind === "typing" && this.#typing.heard(by),
      onMoved: (event, from) => {
        this.#messages.add(event, from);
        this.#change((timeline) => withMoved(timeline, event, from));
      },
      onGap: (gap) => {
        if (gap.reason === "epoch") this.#messages.lost(gap);
        this.#change((timeline) => withGap(timeline, gap));
      },
      onDurable: (seq, epoch) => {
        this.#messages.durable(seq, epoch);
        this.#change((timeline) => withDurable(timeline, seq));
      },
      onRefused: (error) => {
        this.#set({ isLoading: false, closed: explain(error) });
        this.#host.refused(this.room.id, error);
      },
      onLost: (id, error) => this.#lost(id, explain(error)),
    });
    // Whatever ends it is told by `onRefused`, or is the end of the client.
    subscribed.catch((error: unknown) => explain(error));
    for (const unsent of this.#host.words.unsent()) if (unsent.room === this.room.id) this.#restore(unsent);
  }

  /** A message stays as a draft until its event comes. */
  send(text: string, extras: Extras = {}): void {
    this.#publish({ id: newId<EventId>(), room: this.room.id, text, at: Date.now(), error: "", ...extras });
  }

  /** An edit, a deletion, a reaction or a pin. A refusal is told. */
  act(work: (live: LiveRoom) => Promise<unknown>): void {
    work(this.#live).catch((error: unknown) => {
      if (!(error instanceof HubbubError) || !ENDS.has(error.code)) this.#host.failed(error);
    });
  }

  fileUrl(file: string, options: { thumbnail?: "small" | "large" } = {}): Promise<string> {
    return this.#live.fileUrl(file, options);
  }

  /** undefined closes it. */
  show(panel: PanelKind | undefined): void {
    this.#set({ panel: panel && { ...panel, items: itemsOf(panel, this.#messages), isLoading: true } });
    if (panel === undefined) return;
    const load = () => loadPanel(this.#host.client.http, this.room.id, panel, this.#messages);
    persist(load, this.#closing.signal)
      .catch((error: unknown) => this.#host.failed(error))
      .finally(() => {
        const shown = this.#talk.panel;
        if (shown !== undefined && isSame(shown, panel)) this.#set({ panel: { ...shown, isLoading: false } });
        this.#change((timeline) => timeline);
      });
  }

  /** A refused message, once more. */
  resend(id: string): void {
    const draft = this.#talk.timeline.drafts.find((one) => one.id === id);
    if (draft?.error === undefined) return;
    const { text, replyTo, thread, files } = draft;
    this.#publish({ id, room: this.room.id, text, replyTo, thread, files, at: Date.now(), error: "" });
  }

  /** A refused message is given up. */
  discard(id: string): void {
    this.#host.words.drop(id);
    this.#change((timeline) => withoutDraft(timeline, id));
  }

  loadOlder(): void {
    const { isLoading, timeline } = this.#talk;
    if (!isLoading && timeline.hasOlder) this.#load().catch((error: unknown) => this.#host.failed(error));
  }

  seen(): void {
    if (this.#talk.unread > 0) this.#set({ unread: 0 });
  }

  close(): void {
    this.#closing.abort();
    this.uploads.end();
    this.#typing.end();
    this.#live.unsubscribe();
  }

  async #load(): Promise<void> {
    const { oldest, hasOlder } = this.#talk.timeline;
    this.#set({ isLoading: hasOlder });
    if (!hasOlder) return;
    const query = { before: oldest, limit: PAGE };
    const load = () => this.#host.client.http.history(this.room.id, query);
    const page = await persist(load, this.#closing.signal).finally(() => this.#set({ isLoading: false }));
    if (page === undefined) return;
    this.#messages.addPage(page);
    this.#change((timeline) => withOlder(timeline, page.messages));
  }

  #hear(event: RoomEvent): void {
    this.#messages.add(event);
    this.#typing.ended(event.by.id);
    const room = roomAfter(this.room, event, this.#host.me);
    if (room !== this.room) {
      this.#set({ room });
      this.#host.roomChanged(room);
    }
    this.#change((timeline) => withEvent(timeline, event));
    const item = this.#talk.timeline.items.at(-1);
    const isSaid = item?.kind === "message" && item.event === event && isInRoom(item);
    const isNews = isSaid && event.by.id !== this.#host.me && !this.#host.isSeen(this.room.id);
    if (isNews) this.#set({ unread: this.#talk.unread + 1 });
  }

  #restore(unsent: Unsent): void {
    if (this.#talk.timeline.drafts.some(({ id }) => id === unsent.id)) return;
    const isFresh = unsent.error === "" && Date.now() - unsent.at < RESEND_MS;
    if (isFresh) this.#publish(unsent);
    else this.#refused(unsent, unsent.error || "it is not known whether it arrived");
  }

  #publish(unsent: Unsent): void {
    const { id, text, replyTo, thread, files } = unsent;
    this.#host.words.keep(unsent);
    this.#change((timeline) => withDraft(timeline, { id, text, replyTo, thread, files, error: undefined }));
    const ids = files?.map((file) => file.id);
    this.#live.publish(text, { id, replyTo, thread, files: ids }).then(
      ({ seq }) => {
        this.#host.words.drop(id);
        this.#change((timeline) => withTaken(timeline, id, seq));
      },
      (error: unknown) => {
        const isEnd = error instanceof HubbubError && ENDS.has(error.code);
        if (!isEnd) this.#refused(unsent, explain(error));
      },
    );
  }

  #refused(unsent: Unsent, error: string): void {
    const { id, text, replyTo, thread, files } = unsent;
    this.#host.words.keep({ ...unsent, error });
    this.#change((timeline) => withDraft(timeline, { id, text, replyTo, thread, files, error }));
  }

  /** It was taken, and lost with an epoch: its writer has it back. */
  #lost(id: string, error: string): void {
    const item = this.#talk.timeline.items.find((one) => one.kind === "message" && one.event.id === id);
    if (item?.kind !== "message") return;
    const { replyTo, thread, files } = item.event;
    const text = textOf(item);
    this.#refused({ id, room: this.room.id, text, replyTo, thread, files, at: item.at, error }, error);
  }

  #change(change: (timeline: Timeline) => Timeline): void {
    const timeline = withStates(change(this.#talk.timeline), (seq) => this.#messages.get(seq));
    const { panel } = this.#talk;
    this.#set({ timeline, panel: panel && { ...panel, items: itemsOf(panel, this.#messages) } });
    if (this.#messages.size > STATES_MAX) this.#messages.retain((seq) => seq >= timeline.oldest);
  }

  #set(change: Partial<Talk>): void {
    this.#talk = { ...this.#talk, ...change };
    if (!this.#closing.signal.aborted) this.#host.changed(this.#talk);
  }
}

/** The same room where the event changes nothing of it for this user. */
function roomAfter(room: Room, event: RoomEvent, me: UserId): Room {
  if (event.kind === "room") return { ...room, name: event.name, topic: event.topic, settings: event.settings };
  const isOwn = event.kind === "member" && event.user === me && event.role !== undefined;
  return isOwn ? { ...room, role: event.role as Room["role"] } : room;
}

function isSame(one: PanelKind, other: PanelKind): boolean {
  return one.kind === other.kind && (one.kind === "pins" || other.kind === "pins" || one.root === other.root);
}
