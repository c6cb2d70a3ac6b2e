import { CLOSE, type ClientFrame, type RoomId, type ServerFrame, type ServerFrameOf } from "@hubbub/protocol";
import { Alarm } from "../alarm.ts";
import { isEvent } from "../is-event.ts";
import type { OpenTransport, Transport } from "../transport.ts";
import { readFrameHead, withRef } from "./frame-head.ts";
import { Outlet } from "./outlet.ts";
import { SharedRooms } from "./shared-rooms.ts";
import type { Tab } from "./tab.ts";
import { type OnAnswer, WireRefs } from "./wire-refs.ts";

const PONG_TIMEOUT_MS = 5_000;
/** From the first byte to `ready`. Tabs that give up in turn would keep a dead attempt. */
const READY_TIMEOUT_MS = 10_000;
const ABNORMAL = 1006;
/** A message was too long for the other end, or for a proxy between. */
const TOO_LONG = 1009;

type Hello = Extract<ClientFrame, { type: "hello" }>;

export interface SharedConnectionOptions {
  readonly url: string;
  readonly subprotocol: string;
  readonly open: OpenTransport;
  /** Takes no new tabs from here on: it drains, or has as many subscriptions as it may have. */
  closing(): void;
}

/** One WebSocket of one login, and the tabs that share it. To each of them it looks like one of its own. */
export class SharedConnection {
  readonly #options: SharedConnectionOptions;
  readonly #transport: Transport;
  readonly #tabs = new Set<Tab>();
  /** Tabs that wait for the first `ready`. */
  #greeting: { readonly tab: Tab; readonly hello: Hello }[] = [];
  readonly #refs = new WireRefs();
  readonly #rooms: SharedRooms;
  readonly #heartbeat = new Alarm();
  readonly #deadline = new Alarm();
  #outlet: Outlet | undefined;
  #ready: ServerFrameOf<"ready"> | undefined;
  #isPersonal = false;
  #lastAt = 0;
  #hasEnded = false;

  constructor(options: SharedConnectionOptions) {
    this.#options = options;
    this.#rooms = new SharedRooms({
      ask: (request, onAnswer) => this.#ask(request, onAnswer),
      overfull: (tab) => this.#overfull(tab),
    });
    this.#transport = options.open(options.url, options.subprotocol, {
      opened: () => this.#opened(),
      received: (text) => this.#receive(text),
      closed: (code) => this.#end(code),
    });
    this.#deadline.set(READY_TIMEOUT_MS, () => this.#abandon(ABNORMAL));
  }

  /** The tab's first frame. */
  join(tab: Tab, hello: Hello): void {
    this.#tabs.add(tab);
    if (this.#ready === undefined) this.#greeting.push({ tab, hello });
    else this.#greet(tab, hello);
  }

  /** A frame of a tab that has joined. */
  take(tab: Tab, frame: ClientFrame): void {
    if (frame.type === "bye") tab.end(CLOSE.normal);
    else if (this.#ready === undefined) tab.end(CLOSE.protocolViolation);
    else if (frame.type === "hello") this.#renew(tab, frame);
    else if (frame.type === "subscribe") this.#rooms.subscribe(tab, frame);
    else if (frame.type === "unsubscribe") this.#rooms.unsubscribe(tab, frame);
    else if ("ref" in frame) this.#pass(tab, frame);
    else this.#write(JSON.stringify(frame), frame.type === "typing");
  }

  /** Nothing of the tab is left behind. With the last one the connection ends. */
  leave(tab: Tab): void {
    if (!this.#tabs.delete(tab)) return;
    this.#greeting = this.#greeting.filter((one) => one.tab !== tab);
    this.#rooms.drop(tab);
    if (this.#tabs.size > 0 || this.#hasEnded) return;
    this.#transport.send(JSON.stringify({ type: "bye" }));
    this.#transport.close(CLOSE.normal);
    this.#end(CLOSE.normal);
  }

  #opened(): void {
    const [first] = this.#greeting;
    if (first === undefined) return;
    this.#isPersonal = this.#greeting.some(({ hello }) => hello.personal === true);
    const { token } = first.hello;
    const ref = this.#refs.open((text, frame) => this.#answeredHello(text, frame));
    this.#transport.send(
      JSON.stringify({ type: "hello", ref, token, ...(this.#isPersonal ? { personal: true } : {}) }),
    );
  }

  #answeredHello(text: string, frame: ServerFrame): false {
    if (frame.type !== "ready") {
      // The server closes next.
      for (const { tab, hello } of this.#greeting) tab.send(withRef(text, hello.ref));
      return false;
    }
    this.#ready = frame;
    this.#outlet = new Outlet(frame.limits, (sent) => this.#send(sent));
    this.#beat(frame.heartbeatMs);
    for (const { tab, hello } of this.#greeting.splice(0)) this.#greet(tab, hello);
    return false;
  }

  /** Of the same login as the hello that the server has accepted, by the claims of its token. */
  #greet(tab: Tab, hello: Hello): void {
    if (this.#ready === undefined) return;
    if (hello.personal === true && !this.#isPersonal) {
      this.#isPersonal = true;
      this.#renew(tab, hello, true);
      return;
    }
    tab.isPersonal = hello.personal === true;
    tab.sendFrame({ ...this.#ready, ref: hello.ref });
  }

  #renew(tab: Tab, { ref, ...hello }: Hello, isFirst = false): void {
    this.#ask(hello, (text, frame) => {
      if (frame.type === "ready") this.#ready = frame;
      if (frame.type === "ready" && hello.personal === true) tab.isPersonal = true;
      tab.send(withRef(text, ref));
      if (frame.type === "error" && isFirst) this.#notPersonal(tab);
      return false;
    });
  }

  /** Tabs that joined meanwhile hear no news of their user, either. */
  #notPersonal(first: Tab): void {
    this.#isPersonal = false;
    for (const tab of [...this.#tabs]) if (tab === first || tab.isPersonal) tab.end(CLOSE.overloaded);
  }

  #pass(tab: Tab, { ref, ...frame }: Exclude<ClientFrame, { type: "bye" | "typing" | "read" }>): void {
    const round = "round" in frame && frame.round !== undefined ? this.#refs.roundOf(tab, frame.round) : undefined;
    this.#ask(
      { ...frame, ...(round === undefined ? {} : { round }) },
      (text, answer) => {
        if (answer.type === "error" && round !== undefined) this.#refs.refused(round, answer.code);
        tab.send(withRef(text, ref));
        return false;
      },
      tab,
    );
  }

  #ask(request: object & { readonly type: string }, onAnswer: OnAnswer, tab?: Tab): void {
    const ref = this.#refs.open(onAnswer, tab);
    const { type, ...fields } = request;
    // `ref` in front of what may be long, as the server wants it.
    this.#write(JSON.stringify({ type, ref, ...fields }), isEvent(type));
  }

  #send(text: string): void {
    const head = readFrameHead(text);
    if (head !== undefined) this.#refs.sent(head, text.length);
    this.#transport.send(text);
  }

  /** At the bound the connection ends: what waits is then known to be lost, and every tab sends it again. */
  #write(text: string, isPublish: boolean): void {
    if (this.#outlet?.push(text, isPublish) === false) this.#abandon(CLOSE.overloaded);
  }

  #receive(text: string): void {
    if (this.#hasEnded) return;
    this.#lastAt = performance.now();
    this.#deadline.clear();
    const head = readFrameHead(text);
    if (head === undefined) this.#abandon(ABNORMAL);
    else if (head.ref !== undefined) this.#refs.answer(head, text);
    else if (head.room !== undefined && head.type !== "personal")
      this.#rooms.receive(head.room as RoomId, head.type, text);
    else this.#tellAll(head.type, text);
  }

  #tellAll(type: ServerFrame["type"], text: string): void {
    for (const tab of [...this.#tabs]) if (type !== "personal" || tab.isPersonal) tab.send(text);
    if (type === "goaway") this.#options.closing();
  }

  /** Timers of tabs in the background run late: the worker looks after the connection itself. */
  #beat(heartbeatMs: number): void {
    this.#heartbeat.set(heartbeatMs, () => {
      const isQuiet = performance.now() - this.#lastAt >= heartbeatMs;
      if (isQuiet) {
        this.#ask({ type: "ping" }, () => false);
        this.#deadline.set(PONG_TIMEOUT_MS, () => this.#abandon(ABNORMAL));
      }
      this.#beat(heartbeatMs);
    });
  }

  #overfull(tab: Tab): boolean {
    if (this.#tabs.size < 2) return false;
    this.#options.closing();
    tab.end(CLOSE.goingAway);
    return true;
  }

  #abandon(code: number): void {
    this.#transport.abort();
    this.#end(code);
  }

  #end(code: number): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.closing();
    this.#heartbeat.clear();
    this.#deadline.clear();
    this.#outlet?.end();
    this.#rooms.end();
    const { longest } = this.#refs;
    // The tab refuses its longest message then, and the others send theirs again.
    for (const tab of [...this.#tabs]) tab.end(code === TOO_LONG && tab !== longest ? ABNORMAL : code);
  }
}
