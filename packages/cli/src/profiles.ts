import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { StoredTokens } from "@hubbub/client";
import { CliError, EXIT } from "./cli-error.ts";
import { Credentials, type Login, loginsIn } from "./credentials.ts";
import { readIfThere, reasonOf, writePrivate } from "./private-file.ts";

export const DEFAULT_PROFILE = "default";
/** Names of folders on every system, whatever it does with case. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;

export interface Profile {
  readonly name: string;
  readonly isCurrent: boolean;
  readonly logins: readonly Login[];
}

/** Accounts and servers under names. Each is a folder: its logins, its server, and what else is kept for it. */
export class Profiles {
  readonly #folder: string | undefined;

  /** undefined: there is no home directory. */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** @throws CliError usage */
  folderOf(name: string): string | undefined {
    if (!NAME.test(name)) {
      throw new CliError(
        "the name of a profile is 1 to 32 small letters, digits, _ and -, and begins with no dash",
        EXIT.usage,
      );
    }
    return this.#folder === undefined ? undefined : join(this.#folder, "profiles", name);
  }

  /** The one that is meant where none is named. */
  async current(): Promise<string> {
    if (this.#folder === undefined) return DEFAULT_PROFILE;
    const name = (await readIfThere(join(this.#folder, "profile")).catch(() => undefined))?.trim();
    return name !== undefined && NAME.test(name) ? name : DEFAULT_PROFILE;
  }

  /** The server of the last login. */
  async serverOf(name: string): Promise<string | undefined> {
    const folder = this.folderOf(name);
    const text = folder && (await readIfThere(join(folder, "server")).catch(() => undefined));
    return text?.trim() || undefined;
  }

  async list(): Promise<Profile[]> {
    const folder = join(this.#home, "profiles");
    const names = (await readdir(folder).catch(() => [])).filter((name) => NAME.test(name)).sort();
    const current = await this.current();
    const profile = async (name: string): Promise<Profile> => ({
      name,
      isCurrent: name === current,
      logins: await loginsIn(join(folder, name)),
    });
    return Promise.all(names.map(profile));
  }

  /** @throws CliError where there is none of this name */
  async use(name: string): Promise<void> {
    await this.#existing(name);
    await writePrivate(join(this.#home, "profile"), `${name}\n`).catch(unwritable);
  }

  /** @throws CliError where there is none of this name */
  async remove(name: string): Promise<void> {
    const folder = await this.#existing(name);
    if ((await this.current()) === name) await rm(join(this.#home, "profile"), { force: true }).catch(unwritable);
    await rm(folder, { recursive: true, force: true }).catch(unwritable);
  }

  /**
   * Moves the logins of an earlier version, which kept all in one file, into the default profile. Any number of processes may
   * do so at once, and go on where one was ended: a login that is there is newer, and the file goes last.
   */
  async migrate(): Promise<void> {
    if (this.#folder === undefined) return;
    const old = join(this.#folder, "credentials.json");
    const text = await readIfThere(old).catch(() => undefined);
    if (text === undefined) return;
    try {
      const all = Object.entries(JSON.parse(text) as Record<string, StoredTokens>);
      if (!all.every(([, tokens]) => typeof tokens?.user?.username === "string")) throw new Error("it is damaged");
      for (const [server, tokens] of all)
        await new Credentials(this.folderOf(DEFAULT_PROFILE), server).saveOnce(tokens);
      await rm(old, { force: true });
    } catch (error) {
      throw new CliError(
        `the logins in ${old} cannot be moved: ${reasonOf(error)}. Mend or remove it, and log in again`,
      );
    }
  }

  async #existing(name: string): Promise<string> {
    const folder = this.folderOf(name) ?? this.#home;
    const isThere = await stat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isThere) return folder;
    throw new CliError(
      `there is no profile ${name}. hubbub login NAME --profile ${name} makes it; hubbub profiles lists them`,
    );
  }

  get #home(): string {
    if (this.#folder === undefined) throw new CliError("there is no home directory for profiles: set XDG_CONFIG_HOME");
    return this.#folder;
  }
}

/** Has the profile begin at this server where no other is named. `folder`: of the profile. */
export async function rememberServer(folder: string | undefined, server: string): Promise<void> {
  if (folder !== undefined) await writePrivate(join(folder, "server"), `${server}\n`).catch(unwritable);
}

function unwritable(error: unknown): never {
  throw new CliError(`the profile cannot be changed: ${reasonOf(error)}`, EXIT.failure, { cause: error });
}
