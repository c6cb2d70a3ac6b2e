import { once } from "node:events";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { dialled } from "./dial.ts";
import { encodeText, FrameReader, OPCODE, type RawFrame } from "./frame.ts";

export interface RawWsOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default `hubbub.v1`. */
  readonly protocol?: string | undefined;
}

/** How a connection ended. No code: no close frame came, or an empty one. */
export interface Ending {
  /** Close frames that came; a server sends at most one. */
  readonly closeFrames: number;
  readonly code: number | null;
  readonly reason: string;
}

const deadlineMs = 5_000;
const headEnd = "\r\n\r\n";
const headMaxBytes = 65_536;
/** Frames a test has not asked for; more are a fault of the test. */
const framesMax = 100_000;

/** The bytes of an upgrade request, right unless `headers` say otherwise. */
export function upgradeRequest(url: URL, { headers = {}, protocol = "hubbub.v1" }: RawWsOptions = {}): string {
  const all = {
    Host: url.host,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...(protocol === "" ? {} : { "Sec-WebSocket-Protocol": protocol }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`GET ${url.pathname} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

export class UpgradeRefused extends Error {
  override readonly name = "UpgradeRefused";
  readonly status: number;

  constructor(head: string) {
    const [line = ""] = head.split("\r\n", 1);
    super(`upgrade refused: ${line}`);
    this.status = Number(line.split(" ")[1]);
  }
}

/** @throws UpgradeRefused */
export async function connectRaw(url: string, options: RawWsOptions = {}): Promise<RawWs> {
  const target = new URL(url);
  const socket = await dialled(target);
  socket.write(upgradeRequest(target, options));
  const { head, rest } = await readAnswer(socket);
  if (!head.startsWith("HTTP/1.1 101 ")) {
    socket.destroy();
    throw new UpgradeRefused(head);
  }
  return new RawWs(socket, rest);
}

/** The head of an HTTP answer, and what came behind it. Leaves the socket paused. */
export async function readAnswer(socket: Socket): Promise<{ head: string; rest: Buffer }> {
  let bytes = Buffer.alloc(0);
  const signal = AbortSignal.timeout(deadlineMs);
  while (!bytes.includes(headEnd)) {
    await once(socket, "readable", { signal });
    const chunk: unknown = socket.read();
    if (!Buffer.isBuffer(chunk)) throw new Error(`the answer ended after ${bytes.length} bytes`);
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length > headMaxBytes) throw new Error("the head of the answer has no end");
  }
  const end = bytes.indexOf(headEnd) + headEnd.length;
  return { head: bytes.subarray(0, end).toString("latin1"), rest: bytes.subarray(end) };
}

/** A WebSocket that says whatever it is told to, byte for byte. Made by `connectRaw`. */
export class RawWs {
  readonly ended: Promise<Ending>;
  readonly frames: RawFrame[] = [];
  readonly #socket: Socket;
  #taken = 0;
  #isOver = false;
  #woken: (() => void)[] = [];

  constructor(socket: Socket, first: Buffer) {
    this.#socket = socket;
    const reader = new FrameReader();
    const take = (chunk: Buffer) => {
      this.frames.push(...reader.push(chunk));
      if (this.frames.length > framesMax) socket.destroy(new Error(`over ${framesMax} frames, and nobody asks`));
      this.#wake();
    };
    // A reset is an ending like others: `close` follows.
    socket.on("error", () => this.#wake());
    socket.on("data", take);
    this.ended = new Promise((resolve) => {
      socket.once("close", () => {
        this.#isOver = true;
        this.#wake();
        resolve(this.#ending());
      });
    });
    if (first.length > 0) take(first);
    socket.resume();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves when the kernel has it, or the connection is over. */
  write(bytes: Uint8Array | string): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.writable) this.#socket.write(bytes, () => resolve());
      else resolve();
    });
  }

  /** One byte at a time, each a write of its own. */
  async trickle(bytes: Uint8Array): Promise<void> {
    for (const byte of bytes) {
      await this.write(Uint8Array.of(byte));
      await turn();
    }
  }

  send(frame: object): Promise<void> {
    return this.write(encodeText(JSON.stringify(frame)));
  }

  /** The next frame that was not taken yet; null: the connection is over. @throws when none comes in time */
  async next(timeoutMs = deadlineMs): Promise<RawFrame | null> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const frame = this.frames[this.#taken];
      if (frame !== undefined) {
        this.#taken += 1;
        return frame;
      }
      if (this.#isOver) return null;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new Error(`no frame within ${timeoutMs} ms`);
      await this.#heard(leftMs);
    }
  }

  /** The next text frame, read as JSON; other frames are skipped. @throws when the connection is over */
  async nextJson(): Promise<{ readonly type: string; readonly [field: string]: unknown }> {
    for (;;) {
      const frame = await this.next();
      if (frame === null) throw new Error("the connection is over");
      if (frame.opcode === OPCODE.text) return JSON.parse(String(frame.payload));
    }
  }

  /** Stops reading from the network. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Cuts the connection and waits for its end. */
  async cut(): Promise<Ending> {
    this.#socket.destroy();
    return this.ended;
  }

  #heard(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#woken.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    for (const woken of this.#woken.splice(0)) woken();
  }

  #ending(): Ending {
    const closes = this.frames.filter(({ opcode }) => opcode === OPCODE.close);
    const [first] = closes;
    const payload = first?.payload ?? Buffer.alloc(0);
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : null;
    return { closeFrames: closes.length, code, reason: payload.subarray(2).toString() };
  }
}
