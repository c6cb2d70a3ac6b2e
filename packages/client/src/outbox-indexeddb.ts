import { newId } from "@hubbub/protocol";
import { HubbubError } from "./hubbub-error.ts";
import {
  bytesOf,
  KEPT_MAX,
  KEPT_MAX_BYTES,
  type KeptEvent,
  type OutboxBounds,
  type OutboxStorage,
} from "./outbox-storage.ts";

/** How often a tab looks for events of tabs that were closed. */
const ADOPT_MS = 10_000;
const TOTALS = "all";

interface Row {
  /** Counts up: the order. */
  readonly place?: number;
  readonly owner: string;
  /** The tab that sends it. */
  readonly tab: string;
  readonly id: string;
  readonly bytes: number;
  readonly event: KeptEvent;
}

interface Totals {
  readonly events: number;
  readonly bytes: number;
}

export interface IndexedDbOutboxOptions extends OutboxBounds {
  /** Of the database. Default `hubbub-outbox`. */
  readonly name?: string | undefined;
}

/**
 * Keeps unsent events in the browser. Tabs share one database, and each sends its own. A tab that keeps some holds
 * a lock; when the lock is free the tab is gone, and another one sends what it left. Needs IndexedDB and Web Locks, so a page
 * of https or of localhost.
 */
export function indexedDbOutbox(options: IndexedDbOutboxOptions = {}): OutboxStorage {
  return new IndexedDbOutbox(options);
}

class IndexedDbOutbox implements OutboxStorage {
  readonly #name: string;
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  readonly #tab: string = newId();
  #owner = "";
  #database: IDBDatabase | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** The lock of this tab, while it keeps something. */
  #lock: { readonly taken: Promise<void>; release(): void } | undefined;
  /** Events of this tab, and those that are being added. */
  #own = 0;

  constructor({ name = "hubbub-outbox", maxEvents = KEPT_MAX, maxBytes = KEPT_MAX_BYTES }: IndexedDbOutboxOptions) {
    this.#name = name;
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  async open(owner: string, adopted: (events: readonly KeptEvent[]) => void): Promise<readonly KeptEvent[]> {
    if (typeof indexedDB === "undefined" || globalThis.navigator?.locks === undefined) {
      throw new HubbubError("outbox_failed", "this page has no IndexedDB or no Web Locks; pages of https have them");
    }
    this.#owner = owner;
    this.#database = await openDatabase(this.#name);
    const first = await this.#adopt();
    this.#timer = setInterval(() => {
      this.#adopt().then(
        (events) => events.length > 0 && adopted(events),
        // The next round tries again.
        () => undefined,
      );
    }, ADOPT_MS);
    return first;
  }

  async add(event: KeptEvent): Promise<void> {
    this.#own += 1;
    try {
      await this.#locked();
      await this.#change(async (rows, totals) => {
        const before = await ask<Row | undefined>(rows.index("id").get([this.#owner, event.id]));
        const now = without(await totalsOf(totals), before);
        const bytes = bytesOf(event);
        if (now.events >= this.#maxEvents || now.bytes + bytes > this.#maxBytes) throw this.#full();
        if (before?.place !== undefined) rows.delete(before.place);
        rows.add({ owner: this.#owner, tab: this.#tab, id: event.id, bytes, event } satisfies Row);
        totals.put({ events: now.events + 1, bytes: now.bytes + bytes } satisfies Totals, TOTALS);
        if (before?.tab === this.#tab) this.#own -= 1;
      });
    } catch (error) {
      this.#lost(1);
      throw error;
    }
  }

  async remove(id: string): Promise<void> {
    const wasOwn = await this.#change(async (rows, totals) => {
      const row = await ask<Row | undefined>(rows.index("id").get([this.#owner, id]));
      if (row?.place === undefined) return false;
      rows.delete(row.place);
      totals.put(without(await totalsOf(totals), row), TOTALS);
      return row.tab === this.#tab;
    });
    if (wasOwn) this.#lost(1);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    // It closes behind the transactions that have begun.
    this.#database?.close();
    this.#database = undefined;
    this.#lock?.release();
    this.#lock = undefined;
  }

  /** Takes over what tabs of this owner left that are gone. */
  async #adopt(): Promise<readonly KeptEvent[]> {
    const tabs = await this.#change((rows) => tabsOf(rows, this.#owner), "readonly");
    const adopted: KeptEvent[] = [];
    for (const tab of tabs) if (tab !== this.#tab) adopted.push(...(await this.#adoptFrom(tab)));
    return adopted;
  }

  async #adoptFrom(tab: string): Promise<readonly KeptEvent[]> {
    return navigator.locks.request(this.#lockOf(tab), { ifAvailable: true }, async (lock) => {
      if (lock === null) return [];
      this.#own += 1;
      await this.#locked();
      const events = await this.#change(async (rows) => {
        const left = await ask<Row[]>(rows.index("tab").getAll([this.#owner, tab]));
        for (const row of left) rows.put({ ...row, tab: this.#tab });
        this.#own += left.length;
        return left.sort((one, other) => (one.place ?? 0) - (other.place ?? 0)).map(({ event }) => event);
      }).finally(() => this.#lost(1));
      return events;
    });
  }

  #full(): HubbubError {
    const bound = `${this.#maxEvents} events or ${this.#maxBytes} bytes`;
    return new HubbubError("outbox_full", `this browser keeps ${bound} that are not acked; wait until some are`);
  }

  #lockOf(tab: string): string {
    return `${this.#name} ${tab}`;
  }

  /** Resolves when this tab holds its lock: nobody else takes its events. */
  #locked(): Promise<void> {
    this.#lock ??= holdLock(this.#lockOf(this.#tab));
    return this.#lock.taken;
  }

  /** A page that holds a lock cannot be put away whole for the Back button: it does so only while it keeps something. */
  #lost(count: number): void {
    this.#own -= count;
    if (this.#own > 0) return;
    this.#lock?.release();
    this.#lock = undefined;
  }

  /** One transaction: all of it, or nothing. */
  async #change<Result>(
    work: (rows: IDBObjectStore, totals: IDBObjectStore) => Promise<Result>,
    mode: IDBTransactionMode = "readwrite",
  ): Promise<Result> {
    if (this.#database === undefined) throw new HubbubError("closed");
    const transaction = this.#database.transaction(["rows", "totals"], mode, { durability: "strict" });
    const done = new Promise<void>((resolve, reject) => {
      transaction.addEventListener("complete", () => resolve());
      transaction.addEventListener("abort", () => reject(transaction.error ?? new HubbubError("outbox_failed")));
    });
    done.catch(() => undefined);
    try {
      const result = await work(transaction.objectStore("rows"), transaction.objectStore("totals"));
      await done;
      return result;
    } catch (error) {
      if (error instanceof HubbubError && error.code === "outbox_full") transaction.abort();
      throw error;
    }
  }
}

function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.addEventListener("upgradeneeded", () => {
    const rows = request.result.createObjectStore("rows", { keyPath: "place", autoIncrement: true });
    rows.createIndex("tab", ["owner", "tab"]);
    rows.createIndex("id", ["owner", "id"], { unique: true });
    request.result.createObjectStore("totals");
  });
  return ask(request);
}

function holdLock(name: string): { taken: Promise<void>; release(): void } {
  let release: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  const taken = new Promise<void>((resolve, reject) => {
    navigator.locks
      .request(name, () => {
        resolve();
        return until;
      })
      .catch(reject);
  });
  return { taken, release };
}

function ofOwner(owner: string): IDBKeyRange {
  // An array is above all texts.
  return IDBKeyRange.bound([owner], [owner, []]);
}

/** The tabs that keep something. */
function tabsOf(rows: IDBObjectStore, owner: string): Promise<string[]> {
  const request = rows.index("tab").openKeyCursor(ofOwner(owner), "nextunique");
  const tabs: string[] = [];
  return new Promise((resolve, reject) => {
    request.addEventListener("error", () => reject(request.error ?? new HubbubError("outbox_failed")));
    request.addEventListener("success", () => {
      const cursor = request.result;
      if (cursor === null) return resolve(tabs);
      tabs.push((cursor.key as string[])[1] ?? "");
      cursor.continue();
    });
  });
}

async function totalsOf(totals: IDBObjectStore): Promise<Totals> {
  return (await ask<Totals | undefined>(totals.get(TOTALS))) ?? { events: 0, bytes: 0 };
}

function without({ events, bytes }: Totals, row: Row | undefined): Totals {
  return row === undefined ? { events, bytes } : { events: events - 1, bytes: bytes - row.bytes };
}

function ask<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new HubbubError("outbox_failed")));
  });
}
