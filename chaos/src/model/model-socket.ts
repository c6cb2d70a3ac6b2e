import type { GatewayOptions } from "@hubbub/gateway";
import type { ReceivedFrame } from "@hubbub/testkit";
import type { RecorderLink, RecorderLinkOptions } from "../checker/recorder-link.ts";
import type { Chance } from "./chance.ts";

type App = GatewayOptions["app"];
/** What uWS calls for connections of a path. */
export type Behavior = Parameters<App["ws"]>[1];
type Socket = Parameters<NonNullable<Behavior["open"]>>[0];

const ABNORMAL = 1006;
const LATENCY_MS = 3;
const NOTHING = new ArrayBuffer(0);

/**
 * One connection between a recorder and a gateway, both of its ends: frames arrive later and in order, and what is under
 * way when it is cut is lost. The gateway's end is what uWS would give it, bounds and backpressure included.
 */
export class ModelSocket {
  readonly link: RecorderLink;
  readonly topics = new Set<string>();
  readonly #behavior: Behavior;
  readonly #options: RecorderLinkOptions;
  readonly #chance: Chance;
  readonly #maxUnsentBytes: number;
  #socket: Socket | null = null;
  #isOpen = true;
  #upDue = 0;
  #downDue = 0;
  /** Frames that the client does not read for now. */
  #unsent: string[] = [];
  #unsentBytes = 0;
  #isReading = true;
  #closed: (code: number) => void = () => undefined;

  constructor(behavior: Behavior, options: RecorderLinkOptions, chance: Chance, maxUnsentBytes: number) {
    this.#behavior = behavior;
    this.#options = options;
    this.#chance = chance;
    this.#maxUnsentBytes = maxUnsentBytes;
    const closed = new Promise<number>((resolve) => {
      this.#closed = resolve;
    });
    this.link = { closed, send: (frame) => this.#up(JSON.stringify(frame)), cut: () => this.cut() };
    this.#later("up", () => this.#upgrade());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Both ends hear of it at once. */
  cut(): void {
    this.#end(ABNORMAL);
  }

  /** The gateway is no more: only the client hears of it. */
  orphan(): void {
    this.#socket = null;
    this.#end(ABNORMAL);
  }

  stopReading(): void {
    this.#isReading = false;
  }

  goOnReading(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    const texts = this.#unsent;
    this.#unsent = [];
    this.#unsentBytes = 0;
    for (const text of texts) this.#arrive(text);
    if (this.#socket !== null) this.#behavior.drain?.(this.#socket);
  }

  /** The gateway sends or publishes: more than fits closes the connection. */
  down(text: string): void {
    if (this.#isReading) {
      this.#arrive(text);
      return;
    }
    this.#unsent.push(text);
    this.#unsentBytes += text.length;
    if (this.#unsentBytes > this.#maxUnsentBytes) setImmediate(() => this.#end(ABNORMAL));
  }

  #arrive(text: string): void {
    this.#later("down", () => this.#options.frame(this.link, JSON.parse(text) as ReceivedFrame));
  }

  #up(text: string): void {
    this.#later("up", () => {
      const { socket } = { socket: this.#socket };
      const bytes = new TextEncoder().encode(text);
      if (socket !== null) this.#behavior.message?.(socket, bytes.buffer as ArrayBuffer, false);
    });
  }

  #later(way: "up" | "down", act: () => void): void {
    const now = performance.now();
    const due = Math.max(way === "up" ? this.#upDue : this.#downDue, now + this.#chance.between(0.1, LATENCY_MS));
    if (way === "up") this.#upDue = due;
    else this.#downDue = due;
    setTimeout(() => {
      if (this.#isOpen) act();
    }, due - now);
  }

  #upgrade(): void {
    let userData: unknown = null;
    const response = Object.assign(Object.create(null), {
      getRemoteAddressAsText: () => NOTHING,
      cork: (act: () => void) => act(),
      writeStatus: () => undefined,
      writeHeader: () => undefined,
      end: () => this.#end(ABNORMAL),
      upgrade: (given: unknown) => {
        userData = given;
      },
    });
    const request = Object.assign(Object.create(null), {
      getHeader: (name: string) => HEADERS[name] ?? "",
      getQuery: () => undefined,
    });
    this.#behavior.upgrade?.(response, request, Object.create(null));
    if (userData === null) return;
    this.#socket = this.#gatewayEnd(userData);
    this.#behavior.open?.(this.#socket);
    this.link.send({ type: "hello", ref: 0, token: this.#options.token });
  }

  #gatewayEnd(userData: unknown): Socket {
    const send = (frame: Uint8Array | string) => {
      this.down(typeof frame === "string" ? frame : Buffer.from(frame).toString());
      return 1;
    };
    return Object.assign(Object.create(null), {
      getUserData: () => userData,
      cork: (act: () => void) => act(),
      send,
      subscribe: (topic: string) => this.topics.add(topic),
      unsubscribe: (topic: string) => this.topics.delete(topic),
      getBufferedAmount: () => this.#unsentBytes,
      end: (code: number) => this.#endGracefully(code),
    });
  }

  /** What was sent before still arrives; the gateway is told at once, as uWS does. */
  #endGracefully(code: number): void {
    const socket = this.#socket;
    this.#socket = null;
    this.topics.clear();
    if (socket !== null) this.#behavior.close?.(socket, code, NOTHING);
    this.#later("down", () => this.#end(code));
  }

  #end(code: number): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.topics.clear();
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) this.#behavior.close?.(socket, code, NOTHING);
    this.#closed(code);
  }
}

const HEADERS: Readonly<Record<string, string>> = {
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-protocol": "hubbub.v1",
};
