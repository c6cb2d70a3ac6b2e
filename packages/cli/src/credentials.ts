import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { StoredTokens, TokenStorage } from "@hubbub/client";
import { CliError, EXIT } from "./cli-error.ts";
import { readIfThere, reasonOf, writePrivate, writePrivateOnce } from "./private-file.ts";

const FOLDER = "logins";
const NAME_LENGTH = 32;

export interface Login {
  readonly server: string;
  readonly tokens: StoredTokens;
}

/**
 * One login of a profile: each server has its own file, which only its owner can read. So two processes that renew the tokens
 * of two servers at once do not write over each other.
 */
export class Credentials implements TokenStorage {
  readonly #folder: string | undefined;
  readonly #server: string;

  /** `folder`: of the profile. */
  constructor(folder: string | undefined, server: string) {
    this.#folder = folder;
    this.#server = server;
  }

  /** To be asked before something is made that has to be kept. @throws CliError */
  async assertWritable(): Promise<void> {
    const probe = `${this.#path}.probe`;
    await this.#write(probe, "");
    await rm(probe, { force: true });
  }

  async load(): Promise<StoredTokens | undefined> {
    const text = await readIfThere(this.#path).catch((error: unknown) => {
      throw new CliError(`${this.#path} cannot be read: ${reasonOf(error)}`, EXIT.failure, { cause: error });
    });
    if (text === undefined) return undefined;
    const login = parseLogin(text);
    if (login?.server === this.#server) return login.tokens;
    throw new CliError(`${this.#path} is damaged. Remove it and log in again: hubbub login NAME`);
  }

  async save(tokens: StoredTokens): Promise<void> {
    await this.#write(this.#path, loginText({ server: this.#server, tokens }));
  }

  /** As `save`, unless there is a login already. */
  async saveOnce(tokens: StoredTokens): Promise<void> {
    await writePrivateOnce(this.#path, loginText({ server: this.#server, tokens }));
  }

  async forget(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  get #path(): string {
    if (this.#folder === undefined) {
      throw new CliError("there is no home directory for the login: set XDG_CONFIG_HOME, or use --guest");
    }
    const name = createHash("sha256").update(this.#server).digest("hex").slice(0, NAME_LENGTH);
    return join(this.#folder, FOLDER, `${name}.json`);
  }

  async #write(path: string, text: string): Promise<void> {
    await writePrivate(path, text).catch((error: unknown) => {
      throw new CliError(
        `the login cannot be kept in ${this.#path}: ${reasonOf(error)}. Set XDG_CONFIG_HOME to a folder that can be written.`,
        EXIT.failure,
        { cause: error },
      );
    });
  }
}

/** All logins of a profile; damaged ones are left out. */
export async function loginsIn(folder: string): Promise<Login[]> {
  const names = await readdir(join(folder, FOLDER)).catch(() => []);
  const texts = names
    .filter((name) => name.endsWith(".json"))
    .map((name) => readIfThere(join(folder, FOLDER, name)).catch(() => undefined));
  const logins = (await Promise.all(texts)).map((text = "") => parseLogin(text));
  return logins.filter((login) => login !== undefined).sort((a, b) => (a.server < b.server ? -1 : 1));
}

const loginText = (login: Login) => `${JSON.stringify(login, null, 2)}\n`;

function parseLogin(text: string): Login | undefined {
  try {
    const found = JSON.parse(text) as Partial<Login> | null;
    const isLogin = typeof found?.server === "string" && typeof found.tokens?.user?.username === "string";
    return isLogin ? (found as Login) : undefined;
  } catch {
    return undefined;
  }
}
