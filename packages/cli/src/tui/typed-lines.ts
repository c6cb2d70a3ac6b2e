import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What is typed and not sent. `isPasted`: it is no command. */
export interface TypedLine {
  readonly text: string;
  readonly isPasted: boolean;
}

const ROOMS_MAX = 50;
const TEXT_MAX = 64 * 1024;
const SAVE_MS = 500;

/** The typed lines of a user by rooms, kept over the end of the program in a file that only its owner can read. */
export class TypedLines {
  readonly #path: string | undefined;
  readonly #owner: string;
  #lines = new Map<string, TypedLine>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `folder`: undefined keeps them for this run. `owner`: server and user. */
  constructor(folder: string | undefined, owner: string) {
    this.#path = folder === undefined ? undefined : join(folder, "typed.json");
    this.#owner = owner;
    this.#lines = new Map(Object.entries(this.#read()[owner] ?? {}));
  }

  get(room: string): TypedLine | undefined {
    return this.#lines.get(room);
  }

  /** An empty text removes the line. */
  set(room: string, line: TypedLine): void {
    const known = this.#lines.get(room);
    if ((known?.text ?? "") === line.text) return;
    this.#lines.delete(room);
    if (line.text !== "") this.#lines.set(room, { ...line, text: line.text.slice(0, TEXT_MAX) });
    const [oldest] = this.#lines.keys();
    if (this.#lines.size > ROOMS_MAX && oldest !== undefined) this.#lines.delete(oldest);
    this.#timer ??= setTimeout(() => this.save(), SAVE_MS);
  }

  /** At once, so that it can be called while the program ends. A folder that cannot be written keeps nothing. */
  save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#path === undefined) return;
    const { [this.#owner]: _, ...others } = this.#read();
    const own = this.#lines.size === 0 ? {} : { [this.#owner]: Object.fromEntries(this.#lines) };
    const next = `${this.#path}.${process.pid}`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      writeFileSync(next, JSON.stringify({ ...others, ...own }), { mode: 0o600 });
      renameSync(next, this.#path);
    } catch {
      // The lines are still there for this run, and the program tells them at its end.
    }
  }

  #read(): Record<string, Record<string, TypedLine>> {
    try {
      const all: unknown = JSON.parse(readFileSync(this.#path ?? "", "utf8"));
      return typeof all === "object" && all !== null ? (all as Record<string, Record<string, TypedLine>>) : {};
    } catch {
      return {};
    }
  }
}
