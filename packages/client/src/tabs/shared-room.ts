import { CLOSE, encodeDurable, type RoomEvent, type RoomId, type ServerFrameOf } from "@hubbub/protocol";
import { type Position, RoomCursor } from "../room-cursor.ts";
import { positionOfEvent, withRef } from "./frame-head.ts";
import { HeadDigest } from "./head-digest.ts";
import type { Tab } from "./tab.ts";

/** What is subscribed. */
export interface Wish {
  readonly since?: Position | undefined;
  readonly isHead: boolean;
}

/** A tab's `subscribe`. */
interface Ask extends Wish {
  readonly tab: Tab;
  readonly ref: number;
}

/** A subscribe that the server has not answered, and the tabs that want it: none, if they are gone meanwhile. */
interface Round extends Wish {
  asks: readonly Ask[];
  /** A frame of the replay has come: it is too late for further tabs. */
  hasBegun: boolean;
}

export interface SharedRoomHost {
  /** Sends a subscribe of the room. Its answer comes back by `answered`. */
  subscribe(room: SharedRoom, wish: Wish): void;
  /** Sends an unsubscribe. `unsubscribed` is called with its answer, whatever it is. */
  unsubscribe(room: SharedRoom): void;
  /** The connection has no room for another subscription. Answers whether the tab was sent to another connection. */
  overfull(tab: Tab): boolean;
  /** Nobody is in the room any more. */
  empty(room: SharedRoom): void;
}

type Answer = ServerFrameOf<"subscribed"> | ServerFrameOf<"error">;

/**
 * One room of a connection that several tabs share. The tabs in `#live` all stand at the same place, the cursor, and get the
 * same frames. A tab that asks for the room from that place on joins them at once.
 *
 * A tab that asks from another place needs a replay, one tab at a time. The room is unsubscribed first: from that answer on
 * all frames of the room belong to the replay, which may tell of gaps and epochs that concern this tab alone. The others get
 * only the events that continue where they are. When the replay has ended and they do not stand at its end, for the
 * room's epoch changed meanwhile, their connections end, and they resume like anybody whose connection was lost.
 */
export class SharedRoom {
  readonly id: RoomId;
  readonly #host: SharedRoomHost;
  readonly #live = new Set<Tab>();
  /** Tabs that follow the head. */
  readonly #heads = new Set<Tab>();
  #waiting: Ask[] = [];
  #round: Round | undefined;
  /** Unsubscribes that the server has not answered. Until then frames come as if there were none. */
  #leaving = 0;
  /** What the server has for this connection, once everything is answered. */
  #mode: "none" | "events" | "head" = "none";
  #cursor = new RoomCursor();
  #mark = 0;
  #head: Position | undefined;
  #digest: HeadDigest | undefined;

  constructor(id: RoomId, host: SharedRoomHost) {
    this.id = id;
    this.#host = host;
  }

  ask(ask: Ask): void {
    this.#forget(ask.tab);
    const round = this.#round;
    if (round !== undefined && !round.hasBegun && !round.isHead && !ask.isHead && isSame(round.since, ask.since)) {
      round.asks = [...round.asks, ask];
      return;
    }
    this.#waiting.push(ask);
    this.#next();
  }

  /** Answers whether the tab was here. */
  leave(tab: Tab): boolean {
    const wasHere = this.#forget(tab);
    this.#next();
    return wasHere;
  }

  answered(frame: Answer, text: string): void {
    const round = this.#round;
    this.#round = undefined;
    if (round === undefined) return;
    if (frame.type === "error") this.#refused(round, frame, text);
    else if (round.isHead) this.#followed(round, frame, text);
    else this.#replayed(round, frame, text);
    this.#next();
  }

  unsubscribed(): void {
    this.#leaving -= 1;
    this.#next();
  }

  /** A frame of the room. Its kind decides who may get it while a replay is underway. */
  receive(type: string, text: string): void {
    if (type === "head") this.#headCame(text);
    else if (type === "removed") this.#removed(text);
    else if (type === "signal") this.#sendAll(text);
    else if (this.#isReplay) this.#replay(type, text);
    else this.#deliver(type, text);
  }

  end(): void {
    this.#digest?.end();
  }

  get #isReplay(): boolean {
    return this.#leaving === 0 && this.#round !== undefined && !this.#round.isHead;
  }

  #deliver(type: string, text: string): void {
    this.#send(text);
    if (type === "event") this.#advance(text);
    if (type === "durable") this.#durable(JSON.parse(text) as ServerFrameOf<"durable">);
    if (type === "gap") this.#cursor.gap(JSON.parse(text) as ServerFrameOf<"gap">);
    if (type !== "epoch") return;
    const { epoch, head } = JSON.parse(text) as ServerFrameOf<"epoch">;
    this.#cursor.epoch(epoch, head);
    this.#mark = 0;
    this.#toldHead();
  }

  /** Clients pass over a mark above what they have: it may be of another epoch. */
  #durable({ seq }: ServerFrameOf<"durable">): void {
    if (seq <= (this.#cursor.position?.seq ?? 0)) this.#mark = seq;
  }

  #replay(type: string, text: string): void {
    if (this.#round !== undefined) this.#round.hasBegun = true;
    for (const { tab } of this.#round?.asks ?? []) tab.send(text);
    if (type !== "event" || this.#live.size === 0) return;
    const at = this.#cursor.position;
    const { seq, epoch } = positionOfEvent(text);
    if (epoch !== at?.epoch || seq !== at.seq + 1) return;
    this.#send(text);
    this.#advance(text);
  }

  #advance(text: string): void {
    const verdict = this.#cursor.event(positionOfEvent(text) as RoomEvent);
    // Nobody joins here: the tabs ask for what is missing, and the server answers.
    if (verdict === "hole") this.#cursor = new RoomCursor();
    if (verdict === "deliver" && this.#heads.size > 0) this.#digestOf().add(JSON.parse(text) as RoomEvent);
  }

  #replayed({ asks }: Round, { head: seq, epoch }: ServerFrameOf<"subscribed">, text: string): void {
    const isWhole = isSame(this.#cursor.position, { seq, epoch });
    const behind = isWhole ? [] : [...this.#live];
    for (const tab of behind) this.#live.delete(tab);
    this.#cursor = new RoomCursor({ seq, epoch });
    if (!isWhole) this.#mark = 0;
    for (const { tab, ref } of asks) {
      tab.send(withRef(text, ref));
      this.#live.add(tab);
    }
    this.#toldHead();
    for (const tab of behind) tab.end(CLOSE.goingAway);
  }

  #followed({ asks }: Round, { head: seq, epoch }: ServerFrameOf<"subscribed">, text: string): void {
    this.#head = { seq, epoch };
    for (const tab of this.#heads) tab.sendFrame({ type: "head", room: this.id, seq, epoch });
    for (const { tab, ref } of asks) {
      tab.send(withRef(text, ref));
      this.#heads.add(tab);
    }
  }

  /** What the connection had of the room is gone with the refusal, or is given up here. */
  #refused({ asks }: Round, frame: ServerFrameOf<"error">, text: string): void {
    const others = [...this.#live, ...this.#heads];
    this.#live.clear();
    this.#heads.clear();
    this.#unsubscribe();
    for (const { tab, ref } of asks) {
      const isMoved = frame.code === "too_many_subscriptions" && this.#host.overfull(tab);
      if (!isMoved) tab.send(withRef(text, ref));
    }
    for (const tab of others) tab.end(CLOSE.goingAway);
  }

  #removed(text: string): void {
    for (const tab of this.#heads) tab.send(text);
    this.#sendAll(text);
    this.#live.clear();
    this.#heads.clear();
    this.#mode = this.#round === undefined ? "none" : this.#mode;
    this.#next();
  }

  #headCame(text: string): void {
    const { seq, epoch } = JSON.parse(text) as ServerFrameOf<"head">;
    if (this.#mode !== "head") return;
    this.#head = { seq, epoch };
    for (const tab of this.#heads) tab.send(text);
  }

  #next(): void {
    while (this.#round === undefined) {
      const ask = this.#waiting.shift();
      if (ask === undefined) {
        this.#settle();
        return;
      }
      if (!this.#answer(ask)) this.#begin(ask, [ask]);
    }
  }

  /** Without the server, where what is known here says it all. */
  #answer({ tab, ref, since, isHead }: Ask): boolean {
    const isHeard = this.#mode === "events" && this.#live.size > 0;
    const at = isHeard ? this.#cursor.position : isHead && this.#mode === "head" ? this.#head : undefined;
    if (at === undefined || (!isHead && since !== undefined && !isSame(since, at))) return false;
    const { seq: head, epoch } = at;
    const mode = isHead ? ({ mode: "head" } as const) : {};
    tab.sendFrame({ type: "subscribed", ref, room: this.id, epoch, head, recovered: true, ...mode });
    if (!isHead && this.#mark > 0) tab.send(encodeDurable(this.id, this.#mark));
    (isHead ? this.#heads : this.#live).add(tab);
    return true;
  }

  #begin({ since, isHead }: Wish, asks: readonly Ask[]): void {
    this.#round = { since, isHead, asks, hasBegun: false };
    if (!isHead && this.#mode === "events") this.#unsubscribe();
    this.#mode = isHead ? "head" : "events";
    this.#head = undefined;
    this.#host.subscribe(this, { since, isHead });
  }

  /** Nothing is under way: the server is told what is not wanted any more. */
  #settle(): void {
    const isHeard = this.#mode === "events" && this.#live.size > 0;
    if (!isHeard && this.#heads.size > 0 && this.#mode !== "head") {
      this.#begin({ isHead: true }, []);
      return;
    }
    if (this.#live.size + this.#heads.size > 0) return;
    this.#unsubscribe();
    if (this.#leaving === 0) {
      this.end();
      this.#host.empty(this);
    }
  }

  #unsubscribe(): void {
    if (this.#mode === "none") return;
    this.#mode = "none";
    this.#leaving += 1;
    this.#host.unsubscribe(this);
  }

  #forget(tab: Tab): boolean {
    const wasWaiting = this.#waiting.some((ask) => ask.tab === tab);
    this.#waiting = this.#waiting.filter((ask) => ask.tab !== tab);
    const round = this.#round;
    const isAsking = round?.asks.some((ask) => ask.tab === tab) === true;
    if (round !== undefined && isAsking) round.asks = round.asks.filter((ask) => ask.tab !== tab);
    const wasLive = this.#live.delete(tab);
    const wasFollowing = this.#heads.delete(tab);
    return wasWaiting || isAsking || wasLive || wasFollowing;
  }

  #send(text: string): void {
    for (const tab of this.#live) tab.send(text);
  }

  /** Also to those that are being brought up to date. */
  #sendAll(text: string): void {
    this.#send(text);
    for (const { tab } of this.#round?.asks ?? []) tab.send(text);
  }

  #toldHead(): void {
    const at = this.#cursor.position;
    if (at !== undefined && this.#heads.size > 0) this.#digestOf().at(at);
  }

  #digestOf(): HeadDigest {
    this.#digest ??= new HeadDigest(this.id, (frame) => {
      for (const tab of this.#heads) tab.sendFrame(frame);
    });
    return this.#digest;
  }
}

function isSame(one: Position | undefined, other: Position | undefined): boolean {
  return one?.seq === other?.seq && one?.epoch === other?.epoch;
}
