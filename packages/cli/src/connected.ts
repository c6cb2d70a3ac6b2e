import { type Client, type ClientState, createClient, HubbubHttp, toStoredTokens } from "@hubbub/client";
import { CliError } from "./cli-error.ts";
import { Credentials } from "./credentials.ts";
import type { Environment } from "./environment.ts";

/** How long a server may stay away before a command gives up. */
const AWAY_MAX_MS = 60_000;

/** A client with an identity. `gone` is aborted, with the error as its reason, when there is no use in going on. */
export interface Connected extends AsyncDisposable {
  readonly client: Client;
  readonly gone: AbortSignal;
}

/**
 * A client as the stored login, or as a fresh guest (`guest`: its name, "" for any). Not yet connected: HTTP works.
 * @throws CliError when nobody is logged in
 */
export async function createConnected(
  env: Environment,
  guest: string | undefined,
  onState: (state: ClientState) => void = () => undefined,
): Promise<Connected> {
  const credentials = new Credentials(env.configDir, env.server);
  const tokens = guest === undefined ? await credentials.load() : await guestTokens(env.server, guest);
  if (tokens === undefined) {
    throw new CliError(`you are not logged in at ${env.server}. Log in: hubbub login NAME, or add --guest`);
  }
  const gone = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    url: env.server,
    tokens,
    storage: guest === undefined ? credentials : undefined,
    onState: (state) => {
      if (state.state === "waiting") {
        const reason = new CliError(`${env.server} has been away for ${AWAY_MAX_MS / 1000} s. Try again later.`);
        timer ??= setTimeout(() => gone.abort(reason), AWAY_MAX_MS);
      } else if (state.state !== "connecting") {
        clearTimeout(timer);
        timer = undefined;
      }
      if (state.state === "closed" && state.error !== undefined) gone.abort(state.error);
      onState(state);
    },
  });
  return { client, gone: gone.signal, [Symbol.asyncDispose]: () => client.close() };
}

async function guestTokens(server: string, name: string) {
  return toStoredTokens(await new HubbubHttp({ url: server }).guest(name === "" ? {} : { name }));
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** `work`, unless the server is gone first. @throws the reason of `gone` */
export async function unlessGone<Result>(gone: AbortSignal, work: Promise<Result>): Promise<Result> {
  gone.throwIfAborted();
  const settled = new AbortController();
  const end = new Promise<never>((_, reject) => {
    gone.addEventListener("abort", () => reject(gone.reason), { once: true, signal: settled.signal });
  });
  return Promise.race([work, end]).finally(() => settled.abort());
}
