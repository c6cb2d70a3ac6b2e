import type { IncomingHttpHeaders } from "node:http";
import { WebSocket } from "ws";
import { FrameQueue, type ReceivedFrame } from "./frame-queue.ts";

export interface WsClientOptions {
  /** Default `hubbub.v1`. */
  readonly protocol?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface Close {
  readonly code: number;
  readonly reason: string;
}

const defaultTimeoutMs = 5_000;

/** @throws when the upgrade is refused: "Unexpected server response: 403" */
export async function connectWs(url: string, options: WsClientOptions = {}): Promise<WsClient> {
  const { protocol = "hubbub.v1", headers = {} } = options;
  const settings = { headers, perMessageDeflate: false, handshakeTimeout: defaultTimeoutMs };
  // The client listens before the upgrade is answered: no frame is so early that it would miss it.
  const client = new WsClient(new WebSocket(url, protocol, settings));
  await client.opened;
  return client;
}

/** A WebSocket for tests that check the wire. Made by `connectWs`. */
export class WsClient implements AsyncDisposable {
  readonly opened: Promise<void>;
  readonly closed: Promise<Close>;
  /** Of the answer to the upgrade. */
  headers: IncomingHttpHeaders = {};
  readonly #socket: WebSocket;
  readonly #queue = new FrameQueue();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.opened = new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.on("error", reject);
    });
    this.closed = new Promise((resolve) => {
      socket.once("close", (code, buffer) => {
        const reason = String(buffer);
        this.#queue.fail(new Error(`the connection was closed with ${code} ${reason}`));
        resolve({ code, reason });
      });
    });
    socket.once("upgrade", (response) => {
      this.headers = response.headers;
    });
    socket.on("message", (data) => this.#queue.push(JSON.parse(String(data))));
    socket.on("error", (error) => this.#queue.fail(error));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Frames that have come and were not asked for. */
  get queued(): readonly ReceivedFrame[] {
    return this.#queue.frames;
  }

  /** Sends an object as JSON, or text and bytes as they are. */
  send(frame: object | string | Uint8Array): void {
    this.#socket.send(typeof frame === "string" || frame instanceof Uint8Array ? frame : JSON.stringify(frame));
  }

  /**
   * Takes the first frame of a type (any, without one) out of the queue, or waits for it. Frames of other types stay.
   * @throws after `timeoutMs`, saying what was there instead; or when the connection closes
   */
  next(type?: string, timeoutMs: number = defaultTimeoutMs): Promise<ReceivedFrame> {
    return this.nextWhere((frame) => type === undefined || frame.type === type, type ?? "frame", timeoutMs);
  }

  nextWhere(
    matches: (frame: ReceivedFrame) => boolean,
    what: string,
    timeoutMs: number = defaultTimeoutMs,
  ): Promise<ReceivedFrame> {
    return this.#queue.take(matches, what, timeoutMs);
  }

  /** Stops reading from the network: a slow client. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Closes in good order and waits for the other side. */
  close(code = 1000): Promise<Close> {
    this.#socket.close(code);
    return this.closed;
  }

  /** Cuts the connection without a close frame. */
  terminate(): void {
    this.#socket.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    await this.closed;
  }
}
