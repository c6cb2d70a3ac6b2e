import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { StoredTokens, TokenStorage } from "@hubbub/client";
import { CliError, EXIT } from "./cli-error.ts";

/** One login per server, in a file that only its owner can read. */
export class Credentials implements TokenStorage {
  readonly #folder: string | undefined;
  readonly #server: string;

  constructor(folder: string | undefined, server: string) {
    this.#folder = folder;
    this.#server = server;
  }

  /** To be asked before something is made that has to be kept. @throws CliError */
  async assertWritable(): Promise<void> {
    const probe = `${this.#path}.${process.pid}`;
    await this.#make(probe, "");
    await rm(probe, { force: true });
  }

  async load(): Promise<StoredTokens | undefined> {
    return (await this.#read())[this.#server];
  }

  async save(tokens: StoredTokens): Promise<void> {
    await this.#write({ ...(await this.#read()), [this.#server]: tokens });
  }

  async forget(): Promise<void> {
    const { [this.#server]: _, ...others } = await this.#read();
    await this.#write(others);
  }

  get #path(): string {
    if (this.#folder === undefined) {
      throw new CliError("there is no home directory for the login: set XDG_CONFIG_HOME, or use --guest");
    }
    return join(this.#folder, "credentials.json");
  }

  async #read(): Promise<Record<string, StoredTokens>> {
    const text = await readFile(this.#path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "{}";
      throw new CliError(`${this.#path} cannot be read: ${reasonOf(error)}`, EXIT.failure, { cause: error });
    });
    const all: unknown = parse(text);
    if (typeof all !== "object" || all === null) {
      throw new CliError(`${this.#path} is damaged. Remove it and log in again: hubbub login NAME`);
    }
    return all as Record<string, StoredTokens>;
  }

  /** Through a second file, so that another process never reads half of it. */
  async #write(all: Record<string, StoredTokens>): Promise<void> {
    const next = `${this.#path}.${process.pid}`;
    await this.#make(next, `${JSON.stringify(all, null, 2)}\n`);
    await rename(next, this.#path).catch((error: unknown) => this.#unwritable(error));
  }

  async #make(path: string, text: string): Promise<void> {
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(path, text, { mode: 0o600 });
      await chmod(path, 0o600);
    } catch (error) {
      this.#unwritable(error);
    }
  }

  #unwritable(error: unknown): never {
    throw new CliError(
      `the login cannot be kept in ${this.#path}: ${reasonOf(error)}. Set XDG_CONFIG_HOME to a folder that can be written.`,
      EXIT.failure,
      { cause: error },
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `EACCES: permission denied, mkdir '…'` without code and path, which the sentence has already. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/^[A-Z]+: |, \w+ '.*$/g, "") : String(error);
}
