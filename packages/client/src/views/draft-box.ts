import type { Draft } from "@hubbub/protocol";
import { Alarm } from "../alarm.ts";
import type { Client } from "../client.ts";
import { Polled } from "./polled.ts";

/** Behind the last key. */
const QUIET_MS = 800;
/** Drafts of other browsers come at once where the client is told of them, else by this. */
const ASK_MS = 300_000;

/** What the user has typed into the box of one room and not sent. Other browsers of the user have it too. */
export class DraftBox extends Polled<Draft> {
  readonly #room: string;
  readonly #quiet = new Alarm();
  #draft: Draft = { text: "", at: 0 };
  /** The text that the server has. */
  #stored = "";
  #stopNews: () => void = () => undefined;

  constructor(client: Client, room: string) {
    super(client, ASK_MS);
    this.#room = room;
  }

  /** "": it was sent, or removed. The server gets it when nothing is typed for a moment. */
  set(text: string): void {
    if (text === this.#draft.text) return;
    // The later text wins, also where the clock stood still or was put back.
    this.#draft = { text, at: Math.max(Date.now(), this.#draft.at + 1) };
    this.changed();
    this.#quiet.set(text === "" ? 0 : QUIET_MS, () => this.ask());
  }

  /** @internal */
  protected override start(): void {
    this.#stopNews = this.client.on("personal", (news) => {
      if (news.kind === "draft" && news.room === this.#room) this.#take(news);
    });
    super.start();
  }

  /** @internal */
  protected override stop(): void {
    this.#stopNews();
    // What was typed last goes with the page, or to the server now.
    if (this.#quiet.isSet && this.client.state.state !== "closed") this.#store().catch(() => undefined);
    this.#quiet.clear();
    super.stop();
  }

  /** @internal */
  protected async load(isOver: () => boolean): Promise<void> {
    if (this.#draft.text !== this.#stored) await this.#store();
    // `since` now: no room but those with news of this moment comes along.
    const { drafts = [] } = await this.client.http.state({ since: Date.now() });
    const found = drafts.find(({ room }) => room === this.#room);
    if (found !== undefined && !isOver()) this.#take(found);
  }

  /** @internal */
  protected read(): Draft {
    return this.#draft;
  }

  async #store(): Promise<void> {
    const { text, at } = this.#draft;
    if (text === "") await this.client.http.removeDraft(this.#room, at);
    else await this.client.http.setDraft(this.#room, { text, at });
    this.#stored = text;
  }

  #take({ text, at }: Draft): void {
    if (at <= this.#draft.at) return;
    this.#draft = { text, at };
    this.#stored = text;
    this.#quiet.clear();
    this.changed();
  }
}
