import { connect, type Socket } from "node:net";

/** Called for every data frame with the bytes it lies in; they are overwritten after the call. */
export type FrameListener = (bytes: Buffer, start: number, end: number) => void;

export interface RawConnectionOptions {
  readonly port: number;
  readonly path: string;
  readonly subprotocol?: string | undefined;
  readonly origin?: string | undefined;
  /** One of 127.0.0.x: a source address has only some 28,000 ports towards one server. */
  readonly localAddress?: string | undefined;
}

interface Opened {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const HEADER_END = "\r\n\r\n";
const OPCODE_CLOSE = 8;
const OPCODE_PING = 9;
const EMPTY_PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
/**
 * One buffer for all connections of the process: Node hands it over synchronously after each read, and whatever is
 * left of a broken frame is copied out of it.
 */
const READ_BUFFER = Buffer.alloc(256 * 1_024);

/**
 * A WebSocket client that costs next to nothing: it steps from frame to frame by the length in the header and leaves
 * the contents to its listener. It neither checks the handshake's hash nor joins fragments (no server here sends any).
 */
export class RawConnection {
  onFrame: FrameListener = () => undefined;
  /** Why the connection ended; a load generator expects none to. */
  onClose: (code: number) => void = () => undefined;
  readonly #socket: Socket;
  readonly #opened: Opened;
  #rest: Buffer | null = null;
  #upgraded = false;
  #closing = false;
  #closeCode = 1006;

  private constructor(options: RawConnectionOptions, opened: Opened) {
    this.#opened = opened;
    this.#socket = connect({
      host: "127.0.0.1",
      port: options.port,
      ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
      onread: { buffer: READ_BUFFER, callback: (length) => this.#onBytes(length) },
    });
    this.#socket.setNoDelay(true);
    this.#socket.on("error", (error) => this.#opened.reject(error));
    this.#socket.on("close", () => {
      this.#opened.reject(new Error("the server closed the connection before the upgrade"));
      if (!this.#closing) this.onClose(this.#closeCode);
    });
    this.#socket.write(handshake(options));
  }

  /** @throws when the server cannot be reached or refuses the upgrade */
  static open(options: RawConnectionOptions): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const connection: RawConnection = new RawConnection(options, { resolve: () => resolve(connection), reject });
    });
  }

  /** Takes a whole masked frame, as `clientFrame` builds it. */
  send(frame: Buffer): void {
    this.#socket.write(frame);
  }

  close(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  #onBytes(length: number): boolean {
    const chunk = READ_BUFFER.subarray(0, length);
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = null;
    const at = this.#upgraded ? 0 : this.#readHandshake(bytes);
    const read = this.#upgraded ? this.#readFrames(bytes, at) : 0;
    if (read < bytes.length) this.#rest = Buffer.from(bytes.subarray(read));
    return true;
  }

  #readHandshake(bytes: Buffer): number {
    const end = bytes.indexOf(HEADER_END);
    if (end < 0) return 0;
    const head = bytes.toString("latin1", 0, end);
    if (!head.startsWith("HTTP/1.1 101")) {
      this.#opened.reject(new Error(`the server refused the WebSocket: ${head.split("\r\n")[0]}`));
      return 0;
    }
    this.#upgraded = true;
    this.#opened.resolve();
    return end + HEADER_END.length;
  }

  /** Answers where the first incomplete frame begins. */
  #readFrames(bytes: Buffer, from: number): number {
    let at = from;
    while (bytes.length - at >= 2) {
      const short = (bytes[at + 1] ?? 0) & 0x7f;
      const header = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length - at < header) break;
      const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6);
      const start = at + header;
      if (bytes.length - start < size) break;
      const opcode = (bytes[at] ?? 0) & 0x0f;
      if (opcode < OPCODE_CLOSE) this.onFrame(bytes, start, start + size);
      else if (opcode === OPCODE_PING) this.#socket.write(EMPTY_PONG);
      else if (opcode === OPCODE_CLOSE && size >= 2) this.#closeCode = bytes.readUInt16BE(start);
      at = start + size;
    }
    return at;
  }
}

function handshake({ port, path, subprotocol, origin }: RawConnectionOptions): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: aHViYnViIGxvYWQgdGVzdA==",
    ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    "",
    "",
  ].join("\r\n");
}
