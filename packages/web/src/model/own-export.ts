import type { DataExport, HubbubHttp, PersonalFrame, Proof } from "@hubbub/client";
import { persist } from "./persist.ts";
import { isProofWanted, type Refusal, refusalOf } from "./refusal.ts";

export interface ExportState {
  /** The newest export; undefined: there is none, or it is not known yet. */
  readonly newest: DataExport | undefined;
  /** The server wants a proof with the next request. */
  readonly isProofWanted: boolean;
  readonly isBusy: boolean;
  /** Why the last request was refused; undefined: it was not. */
  readonly refusal: Refusal | undefined;
}

export const NO_EXPORT: ExportState = { newest: undefined, isProofWanted: false, isBusy: false, refusal: undefined };

const POLL_MS = 1_500;

export interface ExportHost {
  readonly exports: Pick<HubbubHttp["exports"], "ask" | "list" | "link">;
  readonly signal: AbortSignal;
  changed(state: ExportState): void;
}

export const isOpen = (one: DataExport | undefined): boolean => one?.state === "queued" || one?.state === "running";

/** The export of the user's own data: asked for, watched while it is looked at, downloaded. */
export class OwnExport {
  readonly #host: ExportHost;
  #state: ExportState = NO_EXPORT;
  #isWatched = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ExportHost) {
    this.#host = host;
    host.signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  watch(): void {
    this.#isWatched = true;
    this.#read();
  }

  unwatch(): void {
    this.#isWatched = false;
    clearTimeout(this.#timer);
    this.#set({ isProofWanted: false, refusal: undefined });
  }

  hear(news: PersonalFrame): void {
    if (news.kind === "export" && this.#isWatched) this.#read();
  }

  async ask(proof: Proof): Promise<void> {
    const newest = await this.#prove(() => this.#host.exports.ask(proof));
    if (newest === undefined) return;
    this.#set({ newest });
    this.#read();
  }

  /** The address of the archive; undefined: it is not given, and the state says why. */
  async link(proof: Proof): Promise<string | undefined> {
    const { newest } = this.#state;
    if (newest === undefined) return undefined;
    return (await this.#prove(() => this.#host.exports.link(newest.id, proof)))?.url;
  }

  async #prove<Answer>(call: () => Promise<Answer>): Promise<Answer | undefined> {
    this.#set({ isBusy: true, refusal: undefined });
    try {
      const answer = await call();
      this.#set({ isBusy: false, isProofWanted: false });
      return answer;
    } catch (error) {
      this.#set({ isBusy: false, ...(isProofWanted(error) ? { isProofWanted: true } : { refusal: refusalOf(error) }) });
      return undefined;
    }
  }

  /** Again and again while the archive is made and the user looks. */
  #read(): void {
    clearTimeout(this.#timer);
    persist(() => this.#host.exports.list(), this.#host.signal)
      .then((all) => {
        if (all === undefined || !this.#isWatched) return;
        const [newest] = all;
        this.#set({ newest });
        clearTimeout(this.#timer);
        if (isOpen(newest)) this.#timer = setTimeout(() => this.#read(), POLL_MS);
      })
      .catch((error: unknown) => this.#set({ refusal: refusalOf(error) }));
  }

  #set(change: Partial<ExportState>): void {
    this.#state = { ...this.#state, ...change };
    if (!this.#host.signal.aborted) this.#host.changed(this.#state);
  }
}
