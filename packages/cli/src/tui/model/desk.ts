import { type Client, type ClientState, HubbubError, type RefusedEvent } from "@hubbub/client";
import type { PublicUser, Room, RoomEvent } from "@hubbub/protocol";
import { CliError, explain } from "../../cli-error.ts";
import { Earlier, wordsOf } from "../../earlier.ts";
import { enterRoom } from "../../find-room.ts";
import { persist } from "../../persist.ts";
import type { ServerLine } from "../server-lines.ts";
import { saidKey } from "./entries.ts";
import { FileLinks } from "./file-links.ts";
import type { Overlay } from "./overlay.ts";
import { Pane } from "./pane.ts";
import { People } from "./people.ts";
import { listed, type Rooms, withEntered, withEvent, withRead } from "./rooms.ts";
import { Roster } from "./roster.ts";
import { Talk } from "./talk.ts";

/** Rooms that are heard beside the one that is looked at; of the others their heads are followed. */
const HEARD_MAX = 8;

export interface DeskHost {
  readonly client: Client;
  readonly server: string;
  /** Something is to be drawn anew. */
  changed(): void;
  /** Another room is looked at, or none. */
  switched(from: string, to: string): void;
  /** Texts that the server keeps for rooms. */
  drafts(drafts: readonly ServerLine[]): void;
  /** Somebody mentions the user, or writes to them directly. */
  called(): void;
  /** The user has just typed something. */
  isAttended(): boolean;
}

/** What is on the screen, without the line that is typed: rooms, the one that is looked at, and its thread. */
export class Desk {
  readonly client: Client;
  readonly server: string;
  readonly people: People;
  readonly links: FileLinks;
  /** The messages of the room, and those of the thread. */
  readonly pane = new Pane();
  readonly threadPane = new Pane();
  readonly roster: Roster;
  readonly #earlier: Earlier;
  talk: Talk | undefined;
  connection: ClientState;
  me: PublicUser | undefined;
  /** The thread that is open beside the room, by its first message. */
  thread: number | undefined;
  overlay: Overlay | undefined;
  /** A hint, until the next key. */
  hint = "";
  /** A file that is on its way; "" for none. */
  upload = "";
  /** Commands and lists where there is no room. */
  readonly #talks = new Map<string, Talk>();
  readonly #host: DeskHost;
  readonly #ended = new AbortController();

  constructor(host: DeskHost) {
    this.#host = host;
    this.client = host.client;
    this.server = host.server;
    this.connection = host.client.state;
    const changed = () => this.changed();
    this.people = new People(host.client.http, changed);
    this.links = new FileLinks(host.client.http, changed);
    this.#earlier = new Earlier(host.client, (refused) => this.#refusedEarlier(refused));
    this.roster = new Roster({
      client: host.client,
      me: () => this.me,
      changed,
      left: (room) => this.left(room),
      drafts: (drafts) => host.drafts(drafts),
      called: () => host.called(),
      attended: () => (host.isAttended() ? this.talk?.room.id : undefined),
      failed: (error) => this.complain(error),
    });
  }

  get rooms(): Rooms {
    return this.roster.rooms;
  }

  changed(): void {
    this.#host.changed();
  }

  /** What was typed into rooms and waits for its ack. */
  get underway(): string[] {
    const shown = this.#untaken.filter(({ error }) => error === undefined);
    return [...shown, ...this.#earlier.pendingBeside((room) => this.#talks.has(room))].map(({ text }) => text);
  }

  /** What the server did not take. */
  get refused(): string[] {
    const shown = this.#untaken.filter(({ error }) => error !== undefined).map(({ text }) => text);
    return [...shown, ...this.#earlier.refused];
  }

  get pendingCount(): number {
    return this.underway.length + this.#untaken.filter(({ error }) => error !== undefined).length;
  }

  get #untaken() {
    return [...this.#talks.values()].flatMap(({ drafts }) => drafts.untaken);
  }

  /** The column that keys move in: the thread, when one is open. */
  get activePane(): Pane {
    return this.thread === undefined ? this.pane : this.threadPane;
  }

  stateChanged(state: ClientState): void {
    this.connection = state;
    if (state.state === "ready") {
      this.me = state.user;
      this.roster.count(0);
      this.people.stale();
    }
    this.changed();
  }

  end(): void {
    this.#ended.abort();
    this.roster.end();
    this.people.end();
    for (const talk of this.#talks.values()) talk.typists.end();
  }

  /** Joins where that is needed, and looks at the room. @throws HubbubError banned, unknown_room … */
  async enter(found: Room): Promise<void> {
    const room = await enterRoom(this.client.http, found);
    this.roster.change(withEntered(this.rooms, room));
    this.look(room.id);
  }

  /** Another room of the user's. */
  look(id: string): void {
    const row = this.rooms.get(id);
    const from = this.talk?.room.id ?? "";
    if (row === undefined || (from === id && this.talk?.closed === "")) return;
    const known = this.#talks.get(id);
    const talk = known === undefined || known.closed !== "" ? this.#open(id, row) : known;
    this.#talks.delete(id);
    this.#talks.set(id, talk);
    this.#leaveView();
    this.talk = talk;
    talk.newLine.begin(row.unread > 0 ? Math.max(row.read, talk.read) : undefined);
    this.people.show(id);
    this.#forgetQuiet();
    this.#host.switched(from, id);
    this.changed();
  }

  /** The next (1) or previous (-1) room of the list. */
  step(by: 1 | -1): void {
    const rooms = listed(this.rooms);
    const at = rooms.findIndex(({ id }) => id === this.talk?.room.id);
    const next = rooms[(at + by + rooms.length) % Math.max(1, rooms.length)];
    if (next !== undefined) this.look(next.id);
  }

  /** The room is no longer the user's. */
  left(id: string): void {
    this.roster.remove(id);
    if (this.talk?.room.id === id) this.#lookAway();
    const talk = this.#talks.get(id);
    // Messages that were not taken are told at the end, or are there when the room is entered again.
    if (talk !== undefined && talk.drafts.untaken.length === 0) {
      talk.close();
      this.#talks.delete(id);
    }
    this.changed();
  }

  /** A message of any room, selected and in the middle. `isThread`: the thread that begins with it. */
  async jump(room: string, seq: number, isThread = false): Promise<void> {
    this.overlay = undefined;
    if (this.rooms.get(room) === undefined) throw new CliError("you are not in that room any more");
    this.look(room);
    const talk = this.talk;
    const message = await talk?.show(seq);
    if (message === undefined || this.talk !== talk) return;
    this.thread = undefined;
    const { thread, broadcast, by, id } = message.event;
    if (isThread || (thread !== undefined && broadcast !== true)) this.openThread(thread ?? seq);
    else this.pane.show(`${by.id} ${id}`);
    this.changed();
  }

  openThread(root: number | undefined): void {
    this.thread = root;
    this.threadPane.toEnd();
    if (root !== undefined) this.talk?.loadThread(root);
    this.changed();
  }

  /** What is drawn has been seen: marks it as read. Called with each frame. */
  seen(): void {
    const { talk } = this;
    if (talk === undefined || !this.pane.isAtEnd || talk.past !== undefined || this.overlay !== undefined) return;
    if (talk.newest <= talk.read) return;
    talk.read = talk.newest;
    talk.live.markRead(talk.newest);
    this.roster.change(withRead(this.rooms, talk.room.id, talk.newest));
  }

  /** Lines for the user, in the room that is looked at. */
  say(lines: readonly string[], talk = this.talk, thread?: number): void {
    if (talk === undefined) this.hint = lines[0] ?? "";
    else talk.say(lines, thread);
    const pane = thread === undefined ? this.pane : this.threadPane;
    if (talk !== undefined && talk === this.talk) pane.begin(saidKey(talk.said.newest?.id ?? 0));
    this.changed();
  }

  /** The answer of something that was typed: it is on the screen, whatever was looked at. */
  answer(lines: readonly string[], talk = this.talk): void {
    if (lines.length === 0) return;
    const isHere = talk !== undefined && talk === this.talk;
    if (isHere) this.activePane.toEnd();
    if (isHere && this.thread === undefined) talk.leavePast();
    this.say(lines, talk, isHere ? this.thread : undefined);
  }

  /** Something was refused. What is no refusal is a bug, and travels. */
  complain(error: unknown, talk = this.talk): void {
    this.say(this.reasons(error), talk);
  }

  reasons(error: unknown): string[] {
    if (error instanceof CliError) return [error.message];
    if (error instanceof HubbubError) return [explain(error, this.server)];
    throw error;
  }

  #open(id: string, { name, visibility, topic, role, head }: NonNullable<ReturnType<Rooms["get"]>>): Talk {
    const before = this.#talks.get(id);
    before?.close();
    const room = { id: id as Room["id"], name, visibility, topic, role, head };
    const talk = new Talk(room, {
      client: this.client,
      links: this.links,
      me: () => this.me,
      changed: () => this.changed(),
      heard: (heard, event) => this.#heard(heard, event),
      readElsewhere: (read, seq) => this.roster.change(withRead(this.rooms, read.room.id, seq)),
      refused: (refused) => this.roster.remove(refused.room.id),
      failed: (error, failed) => this.complain(error, failed),
      explain: (error) => explain(error, this.server),
      persist: (work) => persist(work, this.#ended.signal),
    });
    talk.drafts.adopt(before?.drafts.untaken ?? []);
    talk.start();
    return talk;
  }

  #heard(talk: Talk, event: RoomEvent): void {
    this.roster.change(withEvent(this.rooms, event, this.me));
    const isStaff = event.kind === "join" || event.kind === "leave" || event.kind === "member";
    if (talk === this.talk && (isStaff || this.people.isMissing(event.by.username))) this.people.stale();
  }

  /** A message of an open room stays there with its reason. */
  #refusedEarlier(refused: RefusedEvent): boolean {
    const { event, error } = refused;
    if (event.type === "publish" && this.#talks.has(event.room)) return true;
    const where = this.rooms.get(event.room)?.name ?? "a room that you left";
    this.say([`not sent to ${where}: “${wordsOf(refused)}”: ${explain(error, this.server)}`]);
    return false;
  }

  #lookAway(): void {
    const from = this.talk?.room.id ?? "";
    this.#leaveView();
    this.talk = undefined;
    this.people.show(undefined);
    this.#host.switched(from, "");
  }

  #leaveView(): void {
    this.pane.toEnd();
    this.thread = undefined;
    this.overlay = undefined;
    if (this.talk !== undefined) this.talk.past = undefined;
  }

  /** Rooms that were looked at long ago are followed by their heads, unless something of the user's is on its way. */
  #forgetQuiet(): void {
    for (const [id, talk] of this.#talks) {
      if (this.#talks.size <= HEARD_MAX) return;
      if (talk === this.talk || talk.drafts.all.length > 0) continue;
      talk.close();
      this.#talks.delete(id);
    }
  }
}
