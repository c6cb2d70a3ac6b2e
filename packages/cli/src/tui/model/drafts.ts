import { type Client, HubbubError, type Room as LiveRoom, type Outcome, type PendingMessage } from "@hubbub/client";
import type { FileInfo, RoomEvent } from "@hubbub/protocol";

/** What a message has beside its text. */
export interface Extras {
  readonly replyTo?: number | undefined;
  readonly thread?: number | undefined;
  readonly files?: readonly Pick<FileInfo, "id">[] | undefined;
}

/** An own message that has not arrived. */
export interface Draft extends Extras {
  readonly id: string;
  readonly text: string;
  /** Why it was refused; undefined while it is on its way. */
  readonly error?: string | undefined;
  /** Its place, once the server has told it. */
  readonly seq?: number | undefined;
}

interface DraftsHost {
  readonly client: Pick<Client, "state">;
  explain(error: HubbubError): string;
}

/** Own messages of one room between Enter and their event. The client's outbox bounds those on their way. */
export class Drafts {
  readonly #live: LiveRoom;
  readonly #host: DraftsHost;
  readonly #tellChange: () => void;
  readonly #drafts = new Map<string, Draft>();
  #newest = 0;
  #waiting: (() => void)[] = [];

  constructor(live: LiveRoom, host: DraftsHost, tellChange: () => void) {
    this.#live = live;
    this.#host = host;
    this.#tellChange = tellChange;
    for (const message of live.pending) this.#resume(message);
  }

  get all(): Draft[] {
    return [...this.#drafts.values()];
  }

  /** Those that the server has not taken. */
  get untaken(): Draft[] {
    return this.all.filter(({ seq }) => seq === undefined);
  }

  /** Those of an earlier start are sent by the client. */
  heard(message: PendingMessage, outcome: Outcome): void {
    if (outcome.state === "sending") this.#resume(message);
    else if (outcome.state === "accepted") this.#taken(message.id, outcome.published.seq);
    else if (this.#isRefusal(outcome.error) && this.#drafts.has(message.id))
      this.refused(draftOf(message), outcome.error);
    this.#changed();
  }

  get isUnderway(): boolean {
    return this.all.some(({ error }) => error === undefined);
  }

  /** Resolves when nothing is on its way. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#changed();
    });
  }

  send(draft: Draft): void {
    const { id, text, replyTo, thread, files } = draft;
    this.#drafts.set(id, { id, text, replyTo, thread, files });
    this.#changed();
    const options = { id, replyTo, thread, files: files?.map((file) => file.id) };
    this.#live.publish(text, options).then(
      ({ seq }) => this.#taken(id, seq),
      (error: unknown) => {
        if (!(error instanceof HubbubError)) throw error;
        // At the end of the client it stays what it is: not acked.
        if (this.#isRefusal(error)) this.refused(draft, error);
      },
    );
  }

  /** A refused message, once more under its id. */
  resend(id: string): void {
    const draft = this.#drafts.get(id);
    if (draft?.error !== undefined) this.send(draft);
  }

  /** Gives a message up that was refused or waits to be sent. Answers whether it could. */
  discard(id: string): boolean {
    const draft = this.#drafts.get(id);
    if (draft === undefined || (draft.error === undefined && !this.#live.discard(id))) return false;
    this.#drafts.delete(id);
    this.#changed();
    return true;
  }

  refused({ id, text, replyTo, thread, files }: Draft, error: HubbubError): void {
    this.#drafts.set(id, { id, text, replyTo, thread, files, error: this.#host.explain(error) });
    this.#changed();
  }

  /** Those of an earlier visit that were refused. */
  adopt(others: readonly Draft[]): void {
    for (const draft of others) this.#drafts.set(draft.id, { ...draft, error: draft.error ?? "the room was closed." });
  }

  /** Its event stands for it from now on. */
  arrived(event: RoomEvent): void {
    this.#drafts.delete(event.id);
    this.passed(event.seq);
  }

  /** Drafts whose place has been passed are drafts no more. */
  passed(seq: number): void {
    this.#newest = Math.max(this.#newest, seq);
    for (const draft of this.all)
      if ((draft.seq ?? Number.POSITIVE_INFINITY) <= this.#newest) this.#drafts.delete(draft.id);
    this.#changed();
  }

  /** Neither its withdrawal, nor the end of the client, whatever the reason of that. */
  #isRefusal(error: HubbubError): boolean {
    return error.code !== "closed" && this.#host.client.state.state !== "closed";
  }

  #resume(message: PendingMessage): void {
    if (!this.#drafts.has(message.id)) this.#drafts.set(message.id, draftOf(message));
  }

  #taken(id: string, seq: number): void {
    const draft = this.#drafts.get(id);
    if (draft !== undefined) this.#drafts.set(id, { ...draft, error: undefined, seq });
    this.passed(this.#newest);
  }

  #changed(): void {
    if (!this.isUnderway) for (const resolve of this.#waiting.splice(0)) resolve();
    this.#tellChange();
  }
}

function draftOf({ id, text, replyTo, thread, files }: PendingMessage): Draft {
  return { id, text, replyTo, thread, files: files?.map((file) => ({ id: file as FileInfo["id"] })) };
}
