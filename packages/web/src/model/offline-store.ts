/** What is kept of one user, by key. `at`: Unix milliseconds. */
export interface KeptEntry {
  readonly user: string;
  readonly key: string;
  readonly at: number;
  readonly text: string;
}

export interface OfflineStore {
  all(user: string): Promise<readonly KeptEntry[]>;
  put(entry: KeptEntry): Promise<void>;
  remove(user: string, key: string): Promise<void>;
  /** Removes everything, except what is of `user`. */
  clear(user?: string): Promise<void>;
}

const STORE = "kept";

/**
 * In the IndexedDB of the browser. Where it forbids that, or has no room left, nothing is kept: the page then needs a network,
 * and works. So no call here fails.
 */
export class BrowserStore implements OfflineStore {
  readonly #open: () => IDBOpenDBRequest;
  #database: Promise<IDBDatabase> | undefined;

  /** `open` may throw, as `indexedDB` does where a browser forbids it. */
  constructor(open: () => IDBOpenDBRequest) {
    this.#open = open;
  }

  async all(user: string): Promise<readonly KeptEntry[]> {
    return ((await this.#work("readonly", (store) => store.getAll(ofUser(user)))) ?? []) as KeptEntry[];
  }

  async put(entry: KeptEntry): Promise<void> {
    await this.#work("readwrite", (store) => store.put(entry));
  }

  async remove(user: string, key: string): Promise<void> {
    await this.#work("readwrite", (store) => store.delete([user, key]));
  }

  async clear(user?: string): Promise<void> {
    const keys = ((await this.#work("readonly", (store) => store.getAllKeys())) ?? []) as [string, string][];
    for (const [owner, key] of keys) if (owner !== user) await this.remove(owner, key);
  }

  /** The result once the transaction has ended; undefined if it failed. */
  async #work(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
    try {
      const transaction = (await this.#connect()).transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      return await new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = () => reject(transaction.error);
      });
    } catch {
      return undefined;
    }
  }

  #connect(): Promise<IDBDatabase> {
    this.#database ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = this.#open();
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ["user", "key"] });
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error("another tab holds the database"));
      request.onsuccess = () => {
        const database = request.result;
        // A later release of the page in another tab may need another form.
        database.onversionchange = () => database.close();
        resolve(database);
      };
    });
    return this.#database;
  }
}

/** All keys of the user: an array is above every string. */
function ofUser(user: string): IDBKeyRange {
  return IDBKeyRange.bound([user], [user, []]);
}
