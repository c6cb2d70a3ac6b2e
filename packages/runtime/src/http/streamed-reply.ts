import type { HttpResponse } from "uWebSockets.js";
import { type HeadReply, writeHead } from "./respond.ts";

/** A client that takes nothing of an answer for so long loses its connection. */
const STALLED_MS = 30_000;

export interface StreamedReply extends HeadReply {
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * The reply of a response that says how long it is: its body is passed on as fast as the client reads, one chunk in memory. Other responses
 * are read whole. null: not such a one.
 */
export function toStreamed(response: Response): StreamedReply | null {
  const bytes = Number(response.headers.get("content-length") ?? 0);
  if (bytes === 0 || response.body === null) return null;
  return { status: response.status, headers: [...response.headers], bytes, body: response.body };
}

/** Resolves when the answer was taken whole, or the connection has ended: with the answer cut off where the body fails or is short. */
export async function sendStreamed(
  res: HttpResponse,
  reply: StreamedReply,
  aborted: AbortSignal,
  closeConnection: boolean,
): Promise<void> {
  const writer = new Writer(res, reply, aborted);
  try {
    for await (const chunk of reply.body) {
      if (aborted.aborted || (await writer.write(chunk))) break;
    }
  } finally {
    if (!aborted.aborted && (!writer.isDone || closeConnection)) res.close();
  }
}

/** Writes one chunk at a time. */
class Writer {
  isDone = false;
  readonly #res: HttpResponse;
  readonly #reply: StreamedReply;
  readonly #aborted: AbortSignal;
  #isBegun = false;
  /** The chunk that waits, and where in the answer it begins. */
  #chunk: Uint8Array = new Uint8Array();
  #begin = 0;
  #settle: () => void = () => undefined;

  constructor(res: HttpResponse, reply: StreamedReply, aborted: AbortSignal) {
    this.#res = res;
    this.#reply = reply;
    this.#aborted = aborted;
    aborted.addEventListener("abort", () => this.#settle());
    res.onWritable((offset) => this.#continue(offset));
  }

  /** Resolves when the chunk was taken. Returns whether it was the last one. */
  async write(chunk: Uint8Array): Promise<boolean> {
    this.#chunk = chunk;
    this.#begin = this.#res.getWriteOffset();
    let isTaken = false;
    this.#res.cork(() => {
      if (!this.#isBegun) writeHead(this.#res, this.#reply);
      this.#isBegun = true;
      isTaken = this.#try(chunk);
    });
    if (!isTaken && !this.isDone) await this.#untilTaken();
    return this.isDone;
  }

  #try(bytes: Uint8Array): boolean {
    const [isTaken, isDone] = this.#res.tryEnd(bytes, this.#reply.bytes);
    this.isDone = isDone;
    return isTaken;
  }

  #continue(offset: number): boolean {
    const isTaken = this.#try(this.#chunk.subarray(offset - this.#begin));
    if (isTaken || this.isDone) this.#settle();
    return isTaken;
  }

  async #untilTaken(): Promise<void> {
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(() => this.#res.close(), STALLED_MS);
      this.#settle = () => {
        clearTimeout(deadline);
        resolve();
      };
      if (this.#aborted.aborted) this.#settle();
    });
  }
}
