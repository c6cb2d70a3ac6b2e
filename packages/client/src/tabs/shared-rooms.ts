import type { ClientFrameOf, RoomId, ServerFrame, ServerFrameOf } from "@hubbub/protocol";
import { SharedRoom, type Wish } from "./shared-room.ts";
import type { Tab } from "./tab.ts";
import type { OnAnswer } from "./wire-refs.ts";

type Request = Record<string, unknown> & { readonly type: string };

export interface SharedRoomsHost {
  ask(request: Request, onAnswer: OnAnswer): void;
  overfull(tab: Tab): boolean;
}

/** The rooms of one shared connection. Subscribes that come together leave together, as a list. */
export class SharedRooms {
  readonly #host: SharedRoomsHost;
  /** Bounded by the server, which refuses subscribes beyond its limit. */
  readonly #rooms = new Map<RoomId, SharedRoom>();
  /** Of the list that is being read; undefined: there is none. */
  #gathered: { readonly room: SharedRoom; readonly wish: Wish }[] | undefined;

  constructor(host: SharedRoomsHost) {
    this.#host = host;
  }

  subscribe(tab: Tab, frame: ClientFrameOf<"subscribe">): void {
    const { ref, room: only, since, mode, rooms = only === undefined ? [] : [{ room: only, since, mode }] } = frame;
    this.#gathered = rooms.length > 1 ? [] : undefined;
    for (const { room, since: from, mode: ownMode = mode } of rooms) {
      this.#roomOf(room).ask({ tab, ref, since: from, isHead: ownMode === "head" });
    }
    const gathered = this.#gathered ?? [];
    this.#gathered = undefined;
    if (gathered.length > 0) this.#send(gathered);
  }

  unsubscribe(tab: Tab, { ref, room }: ClientFrameOf<"unsubscribe">): void {
    const wasHere = this.#rooms.get(room)?.leave(tab) === true;
    if (wasHere) tab.sendFrame({ type: "unsubscribed", ref, room });
    else
      tab.sendFrame({ type: "error", ref, code: "not_subscribed", message: "this tab is not subscribed to the room" });
  }

  receive(room: RoomId, type: ServerFrame["type"], text: string): void {
    this.#rooms.get(room)?.receive(type, text);
  }

  drop(tab: Tab): void {
    for (const room of [...this.#rooms.values()]) room.leave(tab);
  }

  end(): void {
    for (const room of this.#rooms.values()) room.end();
    this.#rooms.clear();
  }

  #roomOf(id: RoomId): SharedRoom {
    const known = this.#rooms.get(id);
    if (known !== undefined) return known;
    const made = new SharedRoom(id, {
      subscribe: (room, wish) =>
        this.#gathered === undefined ? this.#send([{ room, wish }]) : this.#gathered.push({ room, wish }),
      unsubscribe: (room) =>
        this.#host.ask({ type: "unsubscribe", room: id }, () => {
          room.unsubscribed();
          return false;
        }),
      overfull: (tab) => this.#host.overfull(tab),
      empty: (room) => this.#rooms.get(id) === room && this.#rooms.delete(id),
    });
    this.#rooms.set(id, made);
    return made;
  }

  #send(asks: readonly { readonly room: SharedRoom; readonly wish: Wish }[]): void {
    const list = asks.map(({ room, wish: { since, isHead } }) => ({
      room: room.id,
      ...(since === undefined || isHead ? {} : { since }),
      ...(isHead ? { mode: "head" as const } : {}),
    }));
    const [only] = list;
    const request = list.length === 1 ? { type: "subscribe", ...only } : { type: "subscribe", rooms: list };
    const byId = new Map(asks.map(({ room }) => [room.id, room]));
    this.#host.ask(request, (text, frame) => {
      const answer = frame as ServerFrameOf<"subscribed"> | ServerFrameOf<"error">;
      // An error without a room is about all that are left.
      const named = answer.room === undefined ? [...byId.keys()] : [answer.room];
      for (const id of named) {
        const room = byId.get(id);
        byId.delete(id);
        // A tab may have answers for other rooms of its list already: it must know which this one is about.
        room?.answered(answer, answer.room === undefined ? JSON.stringify({ ...answer, room: id }) : text);
      }
      return byId.size > 0;
    });
  }
}
