import { SUBPROTOCOL, WEBSOCKET_PATH } from "@hubbub/protocol";
import { WebSocket } from "ws";

/** A frame of the server, or what stands for one. */
export type Frame = { readonly type: string } & Readonly<Record<string, unknown>>;

const WAIT_MS = 5_000;
/** Frames that no rule has taken. A server that sends more than this breaks the rule that runs. */
const HELD_MAX = 10_000;

interface Waiting {
  readonly matches: (frame: Frame) => boolean;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
}

/** One WebSocket. Frames wait until a rule takes them. */
export class Socket implements AsyncDisposable {
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  readonly #held: Frame[] = [];
  readonly #waiting = new Set<Waiting>();
  #ref = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once("close", (code) => {
        for (const { reject } of this.#waiting) reject(new Error(`the server closed with ${code}`));
        resolve(code);
      });
    });
    socket.on("error", () => undefined);
    socket.on("message", (data) => this.#take(JSON.parse(String(data)) as Frame));
  }

  /** @throws when the server refuses the handshake */
  static async open(url: string, protocol: string = SUBPROTOCOL): Promise<Socket> {
    const options = { handshakeTimeout: WAIT_MS, perMessageDeflate: false };
    const raw = new WebSocket(url.replace(/^http/, "ws") + WEBSOCKET_PATH, protocol, options);
    const socket = new Socket(raw);
    await new Promise<void>((resolve, reject) => {
      raw.once("open", resolve);
      raw.once("error", reject);
    });
    return socket;
  }

  send(frame: object | string | Uint8Array): void {
    this.#socket.send(typeof frame === "string" || frame instanceof Uint8Array ? frame : JSON.stringify(frame));
  }

  /** Sends the frame with a `ref` of its own, and waits for the answer that repeats it. */
  ask(frame: object): Promise<Frame> {
    this.#ref += 1;
    const ref = this.#ref;
    this.send({ ref, ...frame });
    return this.next((answer) => answer["ref"] === ref, `the answer to ${JSON.stringify(frame).slice(0, 100)}`);
  }

  /** The first frame that matches, out of those that came or come. */
  next(matches: (frame: Frame) => boolean, what: string): Promise<Frame> {
    const at = this.#held.findIndex(matches);
    const [found] = at === -1 ? [] : this.#held.splice(at, 1);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(deadline);
        this.#waiting.delete(waiting);
      };
      const waiting: Waiting = {
        matches,
        resolve: (frame) => {
          end();
          resolve(frame);
        },
        reject: (error) => {
          end();
          reject(error);
        },
      };
      const deadline = setTimeout(() => waiting.reject(new Error(`${what} did not come in ${WAIT_MS} ms`)), WAIT_MS);
      this.#waiting.add(waiting);
    });
  }

  nextOf(type: string, kind?: string): Promise<Frame> {
    const matches = (frame: Frame): boolean => frame.type === type && (kind === undefined || frame["kind"] === kind);
    return this.next(matches, `a frame ${type}${kind === undefined ? "" : ` ${kind}`}`);
  }

  /** Frames of this type that came and were not taken. */
  held(type: string): readonly Frame[] {
    return this.#held.filter((frame) => frame.type === type);
  }

  /** The close code. @throws when the connection stays */
  async closedWith(): Promise<number> {
    let deadline: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      deadline = setTimeout(() => reject(new Error(`the connection was not closed in ${WAIT_MS} ms`)), WAIT_MS);
    });
    return await Promise.race([this.closed, late]).finally(() => clearTimeout(deadline));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    await this.closed;
  }

  #take(frame: Frame): void {
    const waiting = [...this.#waiting].find(({ matches }) => matches(frame));
    if (waiting !== undefined) waiting.resolve(frame);
    else if (this.#held.push(frame) > HELD_MAX) this.#socket.terminate();
  }
}
