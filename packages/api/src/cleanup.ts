import type { UserId } from "@hubbub/protocol";
import type { Logger } from "@hubbub/runtime";
import { isUnavailable, ROOM_KEPT_MS, type Store } from "@hubbub/store";

const BATCH = 500;
const DAY_MS = 86_400_000;
/** Pauses between two full batches, and between two rounds. */
const BATCH_PAUSE_MS = 1_000;
const ROUND_PAUSE_MS = 60_000;
/** Ended sessions are kept as long as one of their access tokens could still be used. */
const KEPT_MS = 900_000;
/** The address of a session is kept whole for this long after its last use. */
const ADDRESS_KEPT_MS = 30 * DAY_MS;
/** A report is kept for this long after its closing: it holds a copy of a message. */
const REPORT_KEPT_MS = 90 * DAY_MS;

/**
 * Deletes ended sessions with their refresh tokens, expired codes of mails and links into rooms, guests without a session, what deleted
 * rooms hold, old entries of the audit and closed reports; truncates old addresses. Messages of deleted guests stay.
 * Works in batches with pauses, and in any number of processes at once.
 */
export class Cleanup {
  readonly #store: Store;
  readonly #log: Logger;
  readonly #auditMs: number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;
  #guest: UserId | undefined;

  constructor(store: Store, log: Logger, { AUDIT_DAYS }: { readonly AUDIT_DAYS: number }) {
    this.#store = store;
    this.#auditMs = AUDIT_DAYS * DAY_MS;
    this.#log = log;
    this.#plan(ROUND_PAUSE_MS * Math.random());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #plan(inMs: number): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, inMs);
    this.#timer.unref();
  }

  async #run(): Promise<void> {
    let isMore = false;
    try {
      isMore = await this.sweep(new Date(Date.now() - KEPT_MS));
    } catch (error) {
      if (!isUnavailable(error)) this.#log.error({ err: error }, "cleanup failed");
    }
    this.#plan(isMore ? BATCH_PAUSE_MS : ROUND_PAUSE_MS);
  }

  /** One batch of each kind. Returns whether there is more to do. */
  async sweep(before: Date): Promise<boolean> {
    const sessions = await this.#store.sessions.deleteEnded(before, BATCH);
    const signin = await this.#store.signin.deleteEnded(before, BATCH);
    const codes = await this.#store.mailCodes.deleteExpired(before, BATCH);
    const invites = await this.#store.invites.deleteExpired(BATCH);
    const erased = await this.#store.rooms.erase(new Date(Date.now() - ROOM_KEPT_MS), BATCH);
    const audit = await this.#store.audit.expire(new Date(Date.now() - this.#auditMs), BATCH);
    const reports = await this.#store.reports.deleteClosed(new Date(Date.now() - REPORT_KEPT_MS), BATCH);
    const old = new Date(before.getTime() - ADDRESS_KEPT_MS);
    const addresses = await this.#store.sessions.truncateAddresses(old, BATCH);
    const page = { after: this.#guest, limit: BATCH, createdBefore: before };
    const { deleted, next } = await this.#store.users.deleteIdleGuests(page);
    this.#guest = next;
    if (sessions + deleted > 0) this.#log.debug({ sessions, guests: deleted }, "cleaned up");
    return (
      [sessions, signin, codes, invites, audit, reports, addresses].includes(BATCH) || erased > 0 || next !== undefined
    );
  }
}
