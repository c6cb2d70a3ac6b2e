import type { ClientFrameOf, FileId } from "@hubbub/protocol";

export interface MessageOptions {
  /** The message that is answered. */
  readonly replyTo?: number | undefined;
  /** The first message of the thread that the message belongs to. */
  readonly thread?: number | undefined;
  /** Shows a message of a thread in the room as well. */
  readonly broadcast?: true | undefined;
  /** Ids of files that this client uploaded to this room, each for one message; at most 10. With files the text may be empty. */
  readonly files?: readonly string[] | undefined;
}

type Content = Pick<ClientFrameOf<"publish">, "replyTo" | "thread" | "broadcast" | "files">;

/** The options as the frame has them: what is not given is absent. */
export function contentOf({ replyTo, thread, broadcast, files }: MessageOptions): Content {
  return {
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(thread === undefined ? {} : { thread }),
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(files === undefined ? {} : { files: files as FileId[] }),
  };
}
