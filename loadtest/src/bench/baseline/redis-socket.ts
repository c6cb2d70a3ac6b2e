import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A reply of Redis; of the kinds that a script and pub/sub give. */
export type Reply = number | string | Buffer | Error | readonly Reply[];

const LINE_END = "\r\n";
const COLON = 0x3a;
const DOLLAR = 0x24;
const ASTERISK = 0x2a;
const MINUS = 0x2d;

/** One raw connection to Redis without retries, pool or queue: what Node itself needs for a call. */
export class RedisSocket {
  onReply: (reply: Reply) => void = () => undefined;
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
  }

  static async open(url: string): Promise<RedisSocket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    return new RedisSocket(socket);
  }

  send(...words: readonly string[]): void {
    const parts = words.map((word) => `$${Buffer.byteLength(word)}${LINE_END}${word}${LINE_END}`);
    this.#socket.write(`*${words.length}${LINE_END}${parts.join("")}`);
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (let found = parse(bytes, at); found !== null; found = parse(bytes, at)) {
      at = found.end;
      this.onReply(found.reply);
    }
    this.#rest = bytes.subarray(at);
  }
}

/** The reply that begins at `at`; null: it is not complete. */
function parse(bytes: Buffer, at: number): { reply: Reply; end: number } | null {
  const lineEnd = bytes.indexOf(LINE_END, at, "latin1");
  if (lineEnd < 0) return null;
  const line = bytes.toString("latin1", at + 1, lineEnd);
  const next = lineEnd + LINE_END.length;
  switch (bytes[at]) {
    case COLON:
      return { reply: Number(line), end: next };
    case MINUS:
      return { reply: new Error(line), end: next };
    case DOLLAR: {
      const end = next + Number(line);
      return end + LINE_END.length > bytes.length
        ? null
        : { reply: bytes.subarray(next, end), end: end + LINE_END.length };
    }
    case ASTERISK:
      return parseAll(bytes, next, Number(line));
    default:
      return { reply: line, end: next };
  }
}

function parseAll(bytes: Buffer, at: number, count: number): { reply: Reply; end: number } | null {
  const replies: Reply[] = [];
  let end = at;
  while (replies.length < count) {
    const found = parse(bytes, end);
    if (found === null) return null;
    replies.push(found.reply);
    end = found.end;
  }
  return { reply: replies, end };
}
