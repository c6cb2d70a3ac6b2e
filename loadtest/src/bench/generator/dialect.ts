import type { FrameTemplate } from "./frame-template.ts";
import type { RawConnection } from "./raw-connection.ts";

/** One connection of the load: its user and its rooms. `token` is for Hubbub and Centrifugo. */
export interface Member {
  readonly token: string;
  readonly rooms: readonly string[];
}

export type FrameKind = "event" | "ack" | "error" | "other";

/**
 * How one contender is spoken to. Reading costs a look at a few bytes at known places, so that the generator stays
 * lighter than what it measures.
 */
export interface Dialect {
  readonly path: string;
  readonly subprotocol: string | undefined;
  /** A frame may hold several messages, each on a line. */
  readonly lines: boolean;
  /** Says who it is and joins its rooms; resolves when the server has confirmed all of it. */
  enter(connection: RawConnection, member: Member): Promise<void>;
  /** A message of `sender` into the room; its number is answered in the acknowledgement. */
  publishTemplate(room: string, sender: number, textBytes: number): FrameTemplate;
  kindOf(bytes: Buffer, start: number): FrameKind;
  /** The number of the message that an `ack` frame acknowledges. */
  ackedNumber(bytes: Buffer, start: number): number;
  /** The position of an event in its room, where the contender numbers rooms. */
  seqOf(bytes: Buffer, start: number, end: number): number | null;
  /** What must be sent back to stay connected, for a frame of kind `other`. */
  answerTo(bytes: Buffer, start: number, end: number): Buffer | null;
}

/** Waits for the first text frame that passes the test; @throws when it does not come. */
export async function awaitFrame(connection: RawConnection, test: (text: string) => boolean): Promise<string> {
  const { promise, resolve, reject } = deferred<string>();
  const deadline = setTimeout(() => reject(new Error("the server did not answer within 30 s")), ANSWER_DEADLINE_MS);
  connection.onClose = (code) => reject(new Error(`the server closed the connection with ${code}`));
  connection.onFrame = (bytes, start, end) => {
    const text = bytes.toString("utf8", start, end);
    if (test(text)) resolve(text);
  };
  try {
    return await promise;
  } finally {
    clearTimeout(deadline);
  }
}

const ANSWER_DEADLINE_MS = 30_000;

function deferred<Value>(): {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (error: Error) => void;
} {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<Value>((resolveIt, rejectIt) => {
    resolve = resolveIt;
    reject = rejectIt;
  });
  return { promise, resolve, reject };
}
