import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What is typed and not sent. `isPasted`: it is no command. */
export interface TypedLine {
  readonly text: string;
  readonly isPasted: boolean;
}

/** `at`: when it was typed, Unix ms. A line that was sent or removed is kept as "", so that nothing older takes its place. */
interface KeptLine extends TypedLine {
  readonly at: number;
}

const ROOMS_MAX = 50;
const TEXT_MAX = 64 * 1024;
/** Behind the first key that is not saved. Where writing is slow, longer: it shall not take all the time. */
const SAVE_MS = 100;
const SAVE_MAX_MS = 500;
const SAVE_SHARE = 20;
/** A line that was given with Enter is saved as empty when its message is kept, and at the latest then. */
const EMPTIED_MS = 1_000;

/** The typed lines of a user by rooms, kept over the end of the program in a file that only its owner can read. */
export class TypedLines {
  /** The user has typed the line of this room. */
  onTyped: (room: string) => void = () => undefined;
  readonly #path: string | undefined;
  readonly #owner: string;
  #lines = new Map<string, KeptLine>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = 0;
  #writeMs = 0;

  /** `folder`: undefined keeps them for this run. `owner`: server and user. */
  constructor(folder: string | undefined, owner: string) {
    this.#path = folder === undefined ? undefined : join(folder, "typed.json");
    this.#owner = owner;
    this.#lines = new Map(Object.entries(this.#read()[owner] ?? {}));
  }

  /** Whether they outlive the program. */
  get areKept(): boolean {
    return this.#path !== undefined;
  }

  get(room: string): TypedLine | undefined {
    const line = this.#lines.get(room);
    return line === undefined || line.text === "" ? undefined : { text: line.text, isPasted: line.isPasted };
  }

  /** When the line of the room was typed, sent or removed; 0: not known. */
  at(room: string): number {
    return this.#lines.get(room)?.at ?? 0;
  }

  /** An empty text removes the line. */
  set(room: string, line: TypedLine): void {
    if ((this.#lines.get(room)?.text ?? "") === line.text) return;
    // The later text wins, also where the clock stood still or was put back.
    this.take(room, line, Math.max(Date.now(), this.at(room) + 1));
    this.onTyped(room);
  }

  /** A line that was typed elsewhere. */
  take(room: string, line: TypedLine, at: number): void {
    this.#lines.delete(room);
    this.#lines.set(room, { ...line, text: line.text.slice(0, TEXT_MAX), at });
    if (this.#lines.size > ROOMS_MAX) this.#lines.delete(this.#leastWorth());
    this.#saveWithin(
      line.text === "" ? EMPTIED_MS : Math.max(SAVE_MS, Math.min(SAVE_MAX_MS, this.#writeMs * SAVE_SHARE)),
    );
  }

  #saveWithin(ms: number): void {
    const dueAt = performance.now() + ms;
    if (this.#timer !== undefined && this.#dueAt <= dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => this.save(), ms);
  }

  /** At once, so that it can be called while the program ends. A folder that cannot be written keeps nothing. */
  save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#path === undefined) return;
    const began = performance.now();
    const { [this.#owner]: before = {}, ...others } = this.#read();
    this.#merge(before);
    const own = this.#lines.size === 0 ? {} : { [this.#owner]: Object.fromEntries(this.#lines) };
    const next = `${this.#path}.${process.pid}`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      writeFileSync(next, JSON.stringify({ ...others, ...own }), { mode: 0o600 });
      renameSync(next, this.#path);
    } catch {
      // The lines are still there for this run, and the program tells them at its end.
    }
    this.#writeMs = performance.now() - began;
  }

  /** Another terminal of the user may have saved later lines. */
  #merge(saved: Record<string, KeptLine>): void {
    const later = Object.entries(saved).filter(([room, { at }]) => at > this.at(room));
    if (later.length === 0) return;
    const all = new Map([...this.#lines, ...later]);
    this.#lines = new Map([...all].sort(([, one], [, other]) => one.at - other.at));
    while (this.#lines.size > ROOMS_MAX) this.#lines.delete(this.#leastWorth());
  }

  /** The room whose line was removed first, else the one that was typed in first. */
  #leastWorth(): string {
    const [oldest = ""] = this.#lines.keys();
    return [...this.#lines].find(([, { text }]) => text === "")?.[0] ?? oldest;
  }

  #read(): Record<string, Record<string, KeptLine>> {
    try {
      const all: unknown = JSON.parse(readFileSync(this.#path ?? "", "utf8"));
      return typeof all === "object" && all !== null ? (all as Record<string, Record<string, KeptLine>>) : {};
    } catch {
      return {};
    }
  }
}
