import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StoredTokens, TokenStorage } from "@hubbub/client";
import { CliError } from "./cli-error.ts";

/** One login per server, in a file that only its owner can read. */
export class Credentials implements TokenStorage {
  readonly #folder: string;
  readonly #path: string;
  readonly #server: string;

  constructor(folder: string, server: string) {
    this.#folder = folder;
    this.#path = join(folder, "credentials.json");
    this.#server = server;
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

  async #read(): Promise<Record<string, StoredTokens>> {
    const text = await readFile(this.#path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "{}";
      throw error;
    });
    try {
      return JSON.parse(text) as Record<string, StoredTokens>;
    } catch (cause) {
      throw new CliError(`${this.#path} is damaged. Remove it and log in again: hubbub login NAME`, 1, { cause });
    }
  }

  /** Through a second file, so that another process never reads half of it. */
  async #write(all: Record<string, StoredTokens>): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const next = `${this.#path}.${process.pid}`;
    await writeFile(next, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
    await chmod(next, 0o600);
    await rename(next, this.#path);
  }
}
