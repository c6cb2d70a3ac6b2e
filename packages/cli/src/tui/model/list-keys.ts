import type { Key } from "node:readline";
import { LineEditor } from "../../chat/line-editor.ts";
import { listAll } from "../../find-room.ts";
import type { Desk } from "./desk.ts";
import type { Found } from "./find.ts";
import { found, moved } from "./overlay.ts";
import { listed, newsIn, unreadRooms } from "./rooms.ts";

const PAGE_ROWS = 10;
/** Rooms that the user is not in, of the whole server. */
const OTHERS_MAX = 200;

interface ListHost {
  readonly desk: Desk;
  run(work: () => Promise<void>): void;
}

/** A list is open, and a line of it is chosen: the finder, results of a search, pins. */
export class ListKeys {
  readonly #host: ListHost;
  #query: LineEditor | undefined;

  constructor(host: ListHost) {
    this.#host = host;
  }

  get query(): LineEditor | undefined {
    return this.#host.desk.overlay?.kind === "finder" ? this.#query : undefined;
  }

  /** Finds rooms and people; other rooms of the server follow when they are known. */
  open(): void {
    const { desk } = this.#host;
    const rooms = [...new Set([...unreadRooms(desk.rooms), ...listed(desk.rooms)])].map((room): Found => {
      const { id, name, visibility } = room;
      return { kind: visibility === "direct" ? "direct room" : "room", id, name, news: newsIn(room) };
    });
    const people = desk.people.all.map(({ name }): Found => ({ kind: "person", id: name, name }));
    const authors = (desk.talk?.messages.all ?? []).map(({ event }) => event.by.username);
    const names = new Set([...people.map(({ name }) => name), ...authors]);
    names.delete(desk.me?.username ?? "");
    // The room with a person alone is found by the name of that person.
    for (const { kind, name } of rooms) if (kind === "direct room") names.delete(name);
    const persons = [...names].map((name): Found => ({ kind: "person", id: name, name }));
    this.#query = new LineEditor({
      line: () => this.#choose(),
      pasteCut: () => undefined,
      ended: () => this.#close(),
    });
    desk.overlay = { kind: "finder", all: [...rooms, ...persons], query: "", at: 0 };
    this.#host.run(() => this.#addOthers());
  }

  /** Answers whether a list took the key. */
  key(text: string | undefined, key: Key): boolean {
    const { desk } = this.#host;
    const { overlay } = desk;
    if (overlay === undefined) return false;
    const { name = "", ctrl = false } = key;
    if (name === "escape" || (ctrl && (name === "c" || name === "k"))) this.#close();
    else if (name === "up" || (ctrl && name === "p")) desk.overlay = moved(overlay, -1);
    else if (name === "down" || (ctrl && name === "n")) desk.overlay = moved(overlay, 1);
    else if (name === "pageup") desk.overlay = moved(overlay, -PAGE_ROWS);
    else if (name === "pagedown") desk.overlay = moved(overlay, PAGE_ROWS);
    else if (name === "return") this.#choose();
    else if (overlay.kind === "finder") this.#type(text, key);
    return true;
  }

  #type(text: string | undefined, key: Key): void {
    const { desk } = this.#host;
    this.#query?.key(text, key);
    if (desk.overlay?.kind === "finder") desk.overlay = { ...desk.overlay, query: this.#query?.text ?? "", at: 0 };
  }

  async #addOthers(): Promise<void> {
    const { desk } = this.#host;
    const others: Found[] = [];
    for await (const { id, name, role } of listAll(desk.client.http, {})) {
      if (role === null) others.push({ kind: "other room", id, name });
      if (others.length >= OTHERS_MAX) break;
    }
    if (desk.overlay?.kind === "finder") desk.overlay = { ...desk.overlay, all: [...desk.overlay.all, ...others] };
    desk.changed();
  }

  #close(): void {
    this.#host.desk.overlay = undefined;
    this.#query?.close();
    this.#query = undefined;
  }

  #choose(): void {
    const { desk, run } = this.#host;
    const { overlay } = desk;
    if (overlay === undefined) return;
    if (overlay.kind === "hits") {
      const hit = overlay.hits[overlay.at];
      if (hit !== undefined) run(() => desk.jump(hit.room, hit.seq, hit.isThread));
      return;
    }
    const one = found(overlay)[overlay.at];
    this.#close();
    if (one === undefined) return;
    if (one.kind === "room" || one.kind === "direct room") desk.look(one.id);
    else if (one.kind === "person") run(async () => desk.enter(await desk.client.http.rooms.direct([one.name])));
    else run(async () => desk.enter(await desk.client.http.room(one.id)));
  }
}
