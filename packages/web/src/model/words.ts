import type { RoomId } from "@hubbub/protocol";
import { hasFields } from "./has-fields.ts";
import type { PageStorage } from "./page-storage.ts";
import type { Extras } from "./timeline.ts";

/** Messages of one user that are not yet taken by the server and outlive a reload; what is beyond does not. */
const UNSENT_MAX = 200;
/** Rooms with a text in the box; at the bound the oldest one goes. */
const DRAFTS_MAX = 50;
/** UTF-16 units of one text that is kept: twice what a message may have. */
const TEXT_MAX_LENGTH = 16_384;
/** Words of a user who does not come back are removed after this. */
const KEPT_MS = 30 * 86_400_000;

/**
 * A message on its way. `at`: when it was written, Unix milliseconds. `after`: the seq up to which the room was told then, 0 or
 * absent for not known. `error`: why it was refused, "" for not.
 */
export interface Unsent extends Extras {
  readonly id: string;
  readonly room: RoomId;
  readonly text: string;
  readonly at: number;
  readonly after?: number | undefined;
  readonly error: string;
}

interface StoredDraft {
  readonly text: string;
  readonly at: number;
}

/** What one user wrote and the server does not have: it survives a reload, and nobody else sees it. */
export class Words {
  readonly #storage: PageStorage;
  readonly #drafts: string;
  readonly #unsent: string;
  #isOver = false;

  constructor(storage: PageStorage, user: string) {
    this.#storage = storage;
    this.#drafts = `draft.${user}.`;
    this.#unsent = `unsent.${user}.`;
  }

  draft(room: RoomId): string {
    return this.#storage.read(this.#drafts + room, isDraft)?.text ?? "";
  }

  /** When it was typed; 0: there is none. */
  draftAt(room: RoomId): number {
    return this.#storage.read(this.#drafts + room, isDraft)?.at ?? 0;
  }

  setDraft(room: RoomId, text: string, at = Date.now()): void {
    const key = this.#drafts + room;
    if (text === "" || this.#isOver) {
      this.#storage.remove(key);
      return;
    }
    const others = this.#storage.keys(this.#drafts).filter((other) => other !== key);
    if (others.length >= DRAFTS_MAX) this.#storage.remove(this.#oldest(others));
    this.#storage.set(key, JSON.stringify({ text: text.slice(0, TEXT_MAX_LENGTH), at }));
  }

  /** In the order they were written. */
  unsent(): Unsent[] {
    const all = this.#storage.keys(this.#unsent).flatMap((key) => this.#storage.read(key, isUnsent) ?? []);
    return all.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  keep(unsent: Unsent): void {
    if (this.#isOver) return;
    const key = this.#unsent + unsent.id;
    const isKnown = this.#storage.get(key) !== undefined;
    if (isKnown || this.#storage.keys(this.#unsent).length < UNSENT_MAX) this.#storage.set(key, JSON.stringify(unsent));
  }

  drop(id: string): void {
    this.#storage.remove(this.#unsent + id);
  }

  /** How many messages and drafts would be lost by `clear`. */
  get count(): number {
    return this.#storage.keys(this.#unsent).length + this.#storage.keys(this.#drafts).length;
  }

  /** At the logout. What is refused behind it is not kept, either. */
  clear(): void {
    this.#isOver = true;
    for (const start of [this.#unsent, this.#drafts])
      for (const key of this.#storage.keys(start)) this.#storage.remove(key);
  }

  #oldest(keys: readonly string[]): string {
    const at = (key: string): number => this.#storage.read(key, isDraft)?.at ?? 0;
    return keys.reduce((oldest, key) => (at(key) < at(oldest) ? key : oldest));
  }
}

/** Removes what users left here who did not come back, and what cannot be read. */
export function sweepWords(storage: PageStorage, now = Date.now()): void {
  for (const key of [...storage.keys("draft."), ...storage.keys("unsent.")]) {
    const kept = storage.read(key, isDraft);
    if (kept !== undefined && now - kept.at > KEPT_MS) storage.remove(key);
  }
}

function isDraft(value: unknown): value is StoredDraft {
  return hasFields(value, { text: "string", at: "number" });
}

function isUnsent(value: unknown): value is Unsent {
  if (!hasFields(value, { id: "string", room: "string", text: "string", at: "number", error: "string" })) return false;
  const { replyTo, thread, broadcast = true, after, files = [] } = value;
  const isFile = (file: unknown): boolean => hasFields(file, { id: "string", name: "string" });
  const areSeqs = [replyTo, thread, after].every(isSeqOrAbsent);
  return areSeqs && broadcast === true && Array.isArray(files) && files.every(isFile);
}

function isSeqOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === "number";
}
