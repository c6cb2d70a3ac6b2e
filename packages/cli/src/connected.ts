import { join } from "node:path";
import {
  type Client,
  type ClientState,
  createClient,
  HubbubError,
  HubbubHttp,
  HubbubSignin,
  type OutboxStorage,
  type StoredTokens,
  type TokenStorage,
  toStoredTokens,
} from "@hubbub/client";
import { folderOutbox } from "@hubbub/client/node";
import { CliError, isAway } from "./cli-error.ts";
import { Credentials } from "./credentials.ts";
import { type Environment, tell } from "./environment.ts";
import { persistently } from "./persistently.ts";
import { DEFAULT_PROFILE } from "./profiles.ts";

/** How long a server may stay away before a command gives up. People at a terminal decide by themselves. */
const AWAY_MAX_MS = 60_000;

/** A client with an identity. `gone` is aborted, with the error as its reason, when there is no use in going on. */
export interface Connected extends AsyncDisposable {
  readonly client: Client;
  readonly gone: AbortSignal;
  /** Whether the next start sends what is pending at the end. */
  readonly isKeeping: boolean;
  /** `work`, unless the server is gone or the program is interrupted first. @throws the reason */
  unlessStopped<Result>(work: Promise<Result>): Promise<Result>;
}

export interface ConnectOptions {
  onState?(state: ClientState): void;
  /** Waits for a lost server as long as it takes. */
  readonly isPatient?: boolean;
  /** Unsent messages of a login outlive the program. */
  readonly keepsUnsent?: boolean;
  /** A message was kept. */
  onKept?(): void;
  /** Unsent messages are not kept from here on. */
  onOutboxError?(error: HubbubError): void;
}

/**
 * A client as the stored login, or as a fresh guest (`guest`: its name, "" for any). Not yet connected: HTTP works.
 * @throws CliError when nobody is logged in
 */
export async function createConnected(
  env: Environment,
  guest: string | undefined,
  options: ConnectOptions = {},
): Promise<Connected> {
  const credentials = new Credentials(env.configDir, env.server);
  const tokens = guest === undefined ? await credentials.load() : await guestTokens(env, guest);
  if (tokens === undefined) {
    await assertThere(env);
    const profile = env.profile === undefined || env.profile === DEFAULT_PROFILE ? "" : ` --profile ${env.profile}`;
    throw new CliError(`you are not logged in at ${env.server}. Log in: hubbub login NAME${profile}, or add --guest`);
  }
  const gone = new AbortController();
  const patience = new Patience(env.server, gone);
  const outbox = guest === undefined ? outboxOf(env, options) : undefined;
  let isKeeping = outbox !== undefined;
  const client = createClient({
    url: env.server,
    tokens,
    outbox,
    onOutboxError: (error) => {
      if (isKeeping) options.onOutboxError?.(error);
      isKeeping = false;
    },
    storage: guest === undefined ? new Keeping(credentials, env) : undefined,
    onState: (state) => {
      if (options.isPatient !== true) patience.stateChanged(state);
      if (state.state === "closed" && state.error !== undefined) gone.abort(state.error);
      options.onState?.(state);
    },
  });
  const stopped = AbortSignal.any([gone.signal, env.interrupted]);
  return {
    client,
    gone: gone.signal,
    get isKeeping() {
      return isKeeping;
    },
    unlessStopped: (work) => unlessGone(stopped, work),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** In the folder of the profile; each user of each server has a folder of its own there. */
function outboxOf({ configDir }: Environment, { keepsUnsent, onKept }: ConnectOptions): OutboxStorage | undefined {
  if (keepsUnsent !== true || configDir === undefined) return undefined;
  const folder = folderOutbox(join(configDir, "unsent"));
  return {
    open: (owner, adopted) => folder.open(owner, adopted),
    add: (event) => folder.add(event).then(() => onKept?.()),
    remove: (id) => folder.remove(id),
    close: () => folder.close(),
  };
}

/** Gives up when the server stays away. */
class Patience {
  readonly #server: string;
  readonly #gone: AbortController;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(server: string, gone: AbortController) {
    this.#server = server;
    this.#gone = gone;
  }

  stateChanged({ state }: ClientState): void {
    if (state === "waiting") {
      const reason = new CliError(`${this.#server} has been unavailable for ${AWAY_MAX_MS / 1000} s. Try again later.`);
      this.#timer ??= setTimeout(() => this.#gone.abort(reason), AWAY_MAX_MS);
    } else if (state !== "connecting") {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }
}

/** Renewed tokens that cannot be kept are still good for this run. */
class Keeping implements TokenStorage {
  readonly #credentials: Credentials;
  readonly #env: Environment;
  #hasTold = false;

  constructor(credentials: Credentials, env: Environment) {
    this.#credentials = credentials;
    this.#env = env;
  }

  load(): Promise<StoredTokens | undefined> {
    return this.#credentials.load();
  }

  async save(tokens: StoredTokens): Promise<void> {
    await this.#credentials.save(tokens).catch((error: unknown) => {
      if (!(error instanceof CliError)) throw error;
      if (!this.#hasTold) tell(this.#env, `hubbub: ${error.message} This login ends with this run.`);
      this.#hasTold = true;
    });
  }
}

/** Checks that the server answers, before a user without a login is told to log in there. @throws HubbubError */
async function assertThere(env: Environment): Promise<void> {
  const asked = new HubbubSignin(new HubbubHttp({ url: env.server })).methods();
  await unlessGone(env.interrupted, asked).catch((error: unknown) => {
    if (!(error instanceof HubbubError) || isAway(error.code)) throw error;
  });
}

async function guestTokens(env: Environment, name: string): Promise<StoredTokens> {
  const http = new HubbubHttp({ url: env.server });
  const guest = persistently(() => http.guest(name === "" ? {} : { name }));
  return toStoredTokens(await unlessGone(env.interrupted, guest));
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** `work`, unless the server is gone first. @throws the reason of `gone` */
export async function unlessGone<Result>(gone: AbortSignal, work: Promise<Result>): Promise<Result> {
  if (gone.aborted) work.catch(() => undefined);
  gone.throwIfAborted();
  const settled = new AbortController();
  const end = new Promise<never>((_, reject) => {
    gone.addEventListener("abort", () => reject(gone.reason), { once: true, signal: settled.signal });
  });
  return Promise.race([work, end]).finally(() => settled.abort());
}
