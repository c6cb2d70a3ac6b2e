import { createHash } from "node:crypto";
import { join } from "node:path";
import { CliError, EXIT } from "../cli-error.ts";
import { readIfThere, reasonOf, writePrivate } from "../private-file.ts";

const NAME_LENGTH = 32;

/** Everything up to `seq` is answered. `former`: the same at the end of the epoch before. */
export interface Place {
  readonly epoch: number;
  readonly seq: number;
  readonly former: number;
}

/** How far a bot has come in a room, in a file of its profile. */
export class Cursor {
  readonly #path: string;
  readonly #about: object;
  #next: Place | undefined;
  #writing: Promise<void> | undefined;

  /** `about`: which bot, server and room; names the file. @throws CliError without a folder */
  constructor(folder: string | undefined, about: Readonly<Record<string, string>>) {
    if (folder === undefined) throw new CliError("there is no home directory for the bot's place: set XDG_CONFIG_HOME");
    const key = JSON.stringify(Object.entries(about).sort());
    const name = createHash("sha256").update(key).digest("hex").slice(0, NAME_LENGTH);
    this.#path = join(folder, "bots", `${name}.json`);
    this.#about = about;
  }

  /** @throws CliError where the file is damaged */
  async load(): Promise<Place | undefined> {
    const text = await readIfThere(this.#path).catch((error: unknown) => this.#failed("read", error));
    if (text === undefined) return undefined;
    try {
      const { epoch, seq, former } = JSON.parse(text) as Place;
      if ([epoch, seq, former].every((number) => Number.isSafeInteger(number))) return { epoch, seq, former };
    } catch {
      // Said below.
    }
    throw new CliError(`${this.#path} is damaged. Remove it: the bot begins with what is new then`);
  }

  /** Resolves when this place, or one behind it, is written. Of many only the last one is. */
  save(place: Place): Promise<void> {
    this.#next = place;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#writing?.catch(() => undefined);
  }

  async #write(): Promise<void> {
    for (let place = this.#next; place !== undefined; place = this.#next) {
      this.#next = undefined;
      const text = `${JSON.stringify({ ...this.#about, ...place }, null, 2)}\n`;
      await writePrivate(this.#path, text).catch((error: unknown) => this.#failed("written", error));
    }
  }

  #failed(what: string, error: unknown): never {
    throw new CliError(`${this.#path} cannot be ${what}: ${reasonOf(error)}`, EXIT.failure, { cause: error });
  }
}
