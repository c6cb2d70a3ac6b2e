import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { type Conditions, Pipe } from "./pipe.ts";

/** Seen from who connects: `up` is towards the target. */
export type Direction = "up" | "down" | "both";

/** Which of a link's connections a fault is for; all by default. */
export interface Selection {
  /** Those whose opening bytes contain this. Redis clients name themselves at once: `hubbub-subscriber`. */
  readonly opening?: string | undefined;
}

/** By default also connections that are made later. */
export interface HoldSelection extends Selection {
  readonly only?: "open" | undefined;
}

/** A link on the loopback interface that can be broken in the ways networks break. Everything passes at first. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Open connections. */
  readonly connections: number;
  /** Connections that were ever made. */
  readonly accepted: number;
  /** Resets what is open, on both sides; what is made anew passes. Answers how many. */
  cut(selection?: Selection): number;
  /** `cut`, and every new connection is reset too, until `heal`. */
  sever(): void;
  /** Half-open: connections stay open and nothing passes this way. What was sent waits for `heal`. */
  hold(direction: Direction, selection?: HoldSelection): void;
  /** On top of what the loopback interface takes, each way of `direction`. */
  delay(ms: number, direction?: Direction): void;
  throttle(bytesPerSecond: number, direction?: Direction): void;
  /** Undoes everything but a cut. */
  heal(): void;
}

/** Of what a connection opens with, to be selected by. */
const OPENING_MAX_BYTES = 512;

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const server = createServer({ allowHalfOpen: true });
  const proxy = new LoopbackProxy(server, targetPort);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return proxy;
}

class Link {
  opening = "";
  readonly up: Conditions;
  readonly down: Conditions;
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #pipes: readonly Pipe[];

  constructor(client: Socket, target: Socket, up: Conditions, down: Conditions, onOpening: () => void) {
    this.#client = client;
    this.#target = target;
    this.up = { ...up };
    this.down = { ...down };
    const note = (chunk: Buffer) => {
      this.opening += chunk.toString("latin1");
      onOpening();
      if (this.opening.length >= OPENING_MAX_BYTES) client.off("data", note);
    };
    client.on("data", note);
    this.#pipes = [new Pipe(client, target, this.up), new Pipe(target, client, this.down)];
  }

  set(direction: Direction, change: Partial<Conditions>): void {
    if (direction !== "down") Object.assign(this.up, change);
    if (direction !== "up") Object.assign(this.down, change);
    for (const pipe of this.#pipes) pipe.changed();
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#target.resetAndDestroy();
  }
}

interface Hold {
  readonly direction: Direction;
  readonly opening: string;
}

class LoopbackProxy implements TcpProxy {
  accepted = 0;
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #links = new Set<Link>();
  readonly #up = unhindered();
  readonly #down = unhindered();
  #holds: Hold[] = [];
  #isSevered = false;

  constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    server.on("connection", (client) => this.#accept(client));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#links.size;
  }

  cut({ opening = "" }: Selection = {}): number {
    const hit = [...this.#links].filter((link) => link.opening.includes(opening));
    for (const link of hit) link.reset();
    return hit.length;
  }

  sever(): void {
    this.#isSevered = true;
    this.cut();
  }

  hold(direction: Direction, { opening = "", only }: HoldSelection = {}): void {
    const hold = { direction, opening };
    if (only !== "open") this.#holds.push(hold);
    for (const link of this.#links) applyHolds(link, [hold]);
  }

  delay(ms: number, direction: Direction = "both"): void {
    this.#change(direction, { delayMs: ms });
  }

  throttle(bytesPerSecond: number, direction: Direction = "both"): void {
    this.#change(direction, { bytesPerSecond });
  }

  heal(): void {
    this.#isSevered = false;
    this.#holds = [];
    this.#change("both", unhindered());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #change(direction: Direction, change: Partial<Conditions>): void {
    if (direction !== "down") Object.assign(this.#up, change);
    if (direction !== "up") Object.assign(this.#down, change);
    for (const link of this.#links) link.set(direction, change);
  }

  #accept(client: Socket): void {
    this.accepted += 1;
    if (this.#isSevered) {
      client.on("error", () => undefined);
      client.resetAndDestroy();
      return;
    }
    const target = connect({ port: this.#targetPort, host: "127.0.0.1", allowHalfOpen: true });
    const link: Link = new Link(client, target, this.#up, this.#down, () => applyHolds(link, this.#holds));
    this.#links.add(link);
    applyHolds(link, this.#holds);
    for (const socket of [client, target]) {
      socket.setNoDelay(true);
      // A reset is passed on by the close that follows it.
      socket.on("error", () => undefined);
      socket.once("close", () => {
        if (client.destroyed && target.destroyed) this.#links.delete(link);
      });
    }
  }
}

function applyHolds(link: Link, holds: readonly Hold[]): void {
  for (const { direction, opening } of holds) {
    if (link.opening.includes(opening)) link.set(direction, { isHeld: true });
  }
}

function unhindered(): Conditions {
  return { isHeld: false, delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY };
}
