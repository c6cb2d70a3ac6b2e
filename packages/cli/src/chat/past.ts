import { HubbubError, type HubbubHttp, type Messages } from "@hubbub/client";
import type { RoomEvent } from "@hubbub/protocol";
import type { Paint } from "./paint.ts";
import { renderFile, renderPast } from "./render.ts";

/** What was said before, as it is now, with links to its files. */
export class Past {
  readonly #http: HubbubHttp;
  readonly #paint: Paint;

  constructor(http: HubbubHttp, paint: Paint) {
    this.#http = http;
    this.#paint = paint;
  }

  /** Lines. `messages` has the present states. */
  async past(room: string, events: readonly RoomEvent[], messages: Messages): Promise<string[]> {
    const context = { paint: this.#paint, textAt: (seq: number) => textOf(messages, seq) };
    const lines = events.map(async (event) => {
      const message = messages.get(event.seq);
      const files = message?.state.isDeleted === true ? [] : await this.files(room, event);
      return [...renderPast(event, message, context), ...files];
    });
    return (await Promise.all(lines)).flat();
  }

  /** A line for each file of a message. */
  async files(room: string, event: RoomEvent): Promise<string[]> {
    if (event.kind !== "message" || event.files === undefined) return [];
    const lines = event.files.map(async (file) => {
      const url = await this.#http.files.url(room, file.id).catch((error: unknown) => {
        if (!(error instanceof HubbubError)) throw error;
        return undefined;
      });
      return renderFile(event.seq, file, url, this.#paint);
    });
    return Promise.all(lines);
  }
}

/** The present text. */
export function textOf(messages: Messages, seq: number): string | undefined {
  const message = messages.get(seq);
  return message?.state.text ?? message?.event.text;
}
