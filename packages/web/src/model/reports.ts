import type { HubbubHttp, PersonalFrame } from "@hubbub/client";
import { permits, type Report, type ReportReason, type Role, type Room, type RoomId } from "@hubbub/protocol";
import { persist } from "./persist.ts";

export interface ReportsState {
  /** Open reports of rooms that the user moderates and has looked at, as far as they are known. */
  readonly waiting: ReadonlyMap<RoomId, number>;
  /** The queue that is looked at. */
  readonly queue: Queue | undefined;
}

export interface Queue {
  readonly room: RoomId;
  /** The oldest ones: the next are shown when some of these are closed. */
  readonly reports: readonly Report[];
  readonly isLoading: boolean;
}

export const NO_REPORTS: ReportsState = { waiting: new Map(), queue: undefined };

export interface ReportsHost {
  readonly http: Pick<HubbubHttp, "moderation">;
  readonly signal: AbortSignal;
  changed(state: ReportsState): void;
  failed(error: unknown): void;
}

export const seesReports = (role: Role | null | undefined): boolean =>
  role !== null && role !== undefined && permits(role, "reports");

/** Reports of messages: made by anybody, read and closed by moderators. */
export class Reports {
  readonly #host: ReportsHost;
  #state: ReportsState = NO_REPORTS;
  /** Of an earlier reading the answer is not shown any more. */
  #reading = 0;

  constructor(host: ReportsHost) {
    this.#host = host;
  }

  /** Answers whether it was taken. */
  async report(room: RoomId, seq: number, report: { reason: ReportReason; text: string }): Promise<boolean> {
    const { reason, text } = report;
    try {
      await this.#host.http.moderation.report(room, seq, { reason, ...(text === "" ? {} : { text }) });
      return true;
    } catch (error) {
      this.#host.failed(error);
      return false;
    }
  }

  /** The room was opened: its moderators see how many reports wait. */
  look({ id, role }: Room): void {
    if (seesReports(role)) this.#read(id);
  }

  hear(news: PersonalFrame): void {
    if (news.kind !== "report") return;
    this.#wait(news.room, news.open);
    if (this.#state.queue?.room === news.room) this.#read(news.room);
  }

  open(room: RoomId): void {
    this.#set({ queue: { room, reports: [], isLoading: true } });
    this.#read(room);
  }

  close(): void {
    this.#set({ queue: undefined });
  }

  decide({ id, room }: Report, state: "dismissed" | "acted"): void {
    this.#host.http.moderation
      .closeReport(room, id, { state })
      .catch((error: unknown) => this.#host.failed(error))
      .finally(() => this.#read(room));
  }

  #read(room: RoomId): void {
    this.#reading += 1;
    const reading = this.#reading;
    persist(() => this.#host.http.moderation.reports(room), this.#host.signal)
      .then((page) => {
        if (page === undefined || reading !== this.#reading) return;
        // A longer queue is counted by the frame that tells of its next change.
        this.#wait(room, Math.max(page.reports.length, page.cursor === undefined ? 0 : this.#waiting(room)));
        if (this.#state.queue?.room === room) this.#set({ queue: { room, reports: page.reports, isLoading: false } });
      })
      .catch((error: unknown) => this.#host.failed(error));
  }

  #waiting(room: RoomId): number {
    return this.#state.waiting.get(room) ?? 0;
  }

  #wait(room: RoomId, open: number): void {
    this.#set({ waiting: new Map(this.#state.waiting).set(room, open) });
  }

  #set(change: Partial<ReportsState>): void {
    this.#state = { ...this.#state, ...change };
    if (!this.#host.signal.aborted) this.#host.changed(this.#state);
  }
}
