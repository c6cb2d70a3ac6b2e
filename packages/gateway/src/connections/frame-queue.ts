import { type ClientFrame, FRAME_MAX_BYTES } from "@hubbub/protocol";

/** Frames of one connection that wait for the one in progress. */
const FRAMES_MAX = 512;
/** Bytes as received: one large frame and a few more, because a connection can fill the queue before it is authenticated. */
const BYTES_MAX = 16 * FRAME_MAX_BYTES;
const BYTES_MAX_UNAUTHENTICATED = 2 * FRAME_MAX_BYTES;

/** First in, first out; bounded by frames and by bytes. */
export class FrameQueue {
  readonly #frames: { readonly frame: ClientFrame; readonly bytes: number }[] = [];
  #bytes = 0;

  /** false: it does not fit. */
  push(frame: ClientFrame, bytes: number, isAuthenticated: boolean): boolean {
    const bytesMax = isAuthenticated ? BYTES_MAX : BYTES_MAX_UNAUTHENTICATED;
    if (this.#frames.length >= FRAMES_MAX || this.#bytes + bytes > bytesMax) return false;
    this.#frames.push({ frame, bytes });
    this.#bytes += bytes;
    return true;
  }

  shift(): ClientFrame | undefined {
    const next = this.#frames.shift();
    this.#bytes -= next?.bytes ?? 0;
    return next?.frame;
  }
}
