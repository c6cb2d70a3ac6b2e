import { type ClientFrame, type ServerFrame, type ServerFrameOf, SUBPROTOCOL } from "@hubbub/protocol";
import { WebSocket } from "ws";

type Sendable = ClientFrame extends infer Frame ? (Frame extends { ref: number } ? Omit<Frame, "ref"> : never) : never;

const ANSWERS = ["ready", "subscribed", "unsubscribed", "ack", "pong", "error"] as const;
type AnswerFrame = ServerFrameOf<(typeof ANSWERS)[number]>;

/** A raw client that keeps every frame it got, in order. */
export class TestClient {
  readonly frames: ServerFrame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly socket: WebSocket;
  #ref = 0;
  #heard: (() => void)[] = [];

  constructor(url: string, options: { protocols?: string[]; headers?: Record<string, string> } = {}) {
    this.socket = new WebSocket(url, options.protocols ?? [SUBPROTOCOL], { headers: options.headers ?? {} });
    this.socket.on("message", (data) => this.#take(JSON.parse(String(data)) as ServerFrame));
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => {
        resolve({ code, reason: String(reason) });
        this.#wake();
      });
    });
    this.socket.on("error", () => this.#wake());
  }

  async open(): Promise<this> {
    await new Promise((resolve, reject) => {
      this.socket.once("open", resolve);
      this.socket.once("error", reject);
    });
    return this;
  }

  raw(data: string | Buffer, options: { binary?: boolean } = {}): void {
    this.socket.send(data, options);
  }

  /** Sends without waiting; answers the ref. */
  send(frame: Sendable): number {
    const ref = ++this.#ref;
    // In the order of the schema, as clients write it.
    const { type, ...fields } = frame;
    this.raw(JSON.stringify({ type, ref, ...fields }));
    return ref;
  }

  async ask<Type extends AnswerFrame["type"]>(frame: Sendable, type: Type): Promise<ServerFrameOf<Type>> {
    const ref = this.send(frame);
    const answer = await this.find(
      (one) => "ref" in one && one.ref === ref && ANSWERS.some((name) => name === one.type),
    );
    if (answer.type !== type) throw new Error(`wanted ${type}, got ${JSON.stringify(answer)}`);
    return answer as ServerFrameOf<Type>;
  }

  /** The first frame, of those that came and those to come. */
  async find(matches: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    for (;;) {
      const found = this.frames.find(matches);
      if (found !== undefined) return found;
      if (this.socket.readyState >= WebSocket.CLOSING) throw new Error(`closed; got ${JSON.stringify(this.frames)}`);
      await new Promise<void>((resolve) => {
        this.#heard.push(resolve);
      });
    }
  }

  async error(code: string): Promise<ServerFrameOf<"error">> {
    return (await this.find((frame) => frame.type === "error" && frame.code === code)) as ServerFrameOf<"error">;
  }

  seqs(room: string): number[] {
    return this.frames.flatMap((frame) => (frame.type === "event" && frame.room === room ? [frame.seq] : []));
  }

  close(): void {
    this.socket.terminate();
  }

  #take(frame: ServerFrame): void {
    this.frames.push(frame);
    this.#wake();
  }

  #wake(): void {
    for (const heard of this.#heard.splice(0)) heard();
  }
}
