import { setTimeout as sleep } from "node:timers/promises";
import { type DataExport, HubbubError, type HubbubHttp } from "@hubbub/client";
import { askPassword } from "../ask-password.ts";
import { CliError } from "../cli-error.ts";
import { createConnected } from "../connected.ts";
import { download, startingSize, unlessThere } from "../download.ts";
import { type Environment, tell } from "../environment.ts";
import { Progress } from "../progress.ts";

const POLL_MS = 1_000;
const MEBI = 1_048_576;

/** Asks for an archive of the own data, waits for it and saves it as `path`. A second call goes on where the first one was ended. */
export async function exportData(env: Environment, path: string, isPasswordOnStdin: boolean): Promise<void> {
  await unlessThere(path);
  await using connected = await createConnected(env, undefined);
  const { http } = connected.client;
  const proven = new Proven(env, isPasswordOnStdin);
  const found = (await begun(http, path)) ?? (await asked(env, http, proven));
  const done = await made(env, http, found);
  const part = partOf(path, done);
  const progress = new Progress(env);
  const link = () => proven.try((proof) => http.exports.link(done.id, proof)).then(({ url }) => url);
  const { interrupted: signal } = env;
  await download({
    link,
    part,
    path,
    bytes: done.bytes,
    signal,
    onProgress: (bytes) => progress.show(`Downloading: ${inMebi(bytes)} of ${inMebi(done.bytes)} MB`),
  });
  progress.end();
  tell(env, `Your data is in ${path} (${inMebi(done.bytes)} MB). Its README.txt explains the files.`);
}

/** Of one export only: parts of two archives do not fit together. */
const partOf = (path: string, { id }: DataExport) => `${path}.${id}.part`;
const inMebi = (bytes: number) => (bytes / MEBI).toFixed(1);

/** The export whose archive an earlier call has begun to save. */
async function begun(http: HubbubHttp, path: string): Promise<DataExport | undefined> {
  for (const one of await http.exports.list())
    if (one.state === "done" && (await startingSize(partOf(path, one))) > 0) return one;
  return undefined;
}

/** A new export, or the last one where the server makes no other one yet. */
async function asked(env: Environment, http: HubbubHttp, proven: Proven): Promise<DataExport> {
  try {
    return await proven.try((proof) => http.exports.ask(proof));
  } catch (error) {
    if (!(error instanceof HubbubError) || error.code !== "rate_limited") throw error;
    const last = (await http.exports.list()).find(({ state }) => state === "done");
    if (last === undefined) throw error;
    tell(env, `The server makes no other export yet. This one is of ${new Date(last.requestedAt).toISOString()}.`);
    return last;
  }
}

/** Waits until the archive is made. */
async function made(env: Environment, http: HubbubHttp, first: DataExport): Promise<DataExport> {
  const progress = new Progress(env);
  for (let now = first; ; now = await patiently(() => http.exports.get(first.id))) {
    if (now.state === "done") {
      progress.end();
      return now;
    }
    if (now.state === "failed" || now.state === "expired") throw new CliError(reasonOf(now));
    const { done, total } = now.progress;
    const parts =
      now.state === "queued" ? "waiting for its turn" : `${done} of ${total} parts, ${inMebi(now.bytes)} MB`;
    progress.show(`The server makes the archive: ${parts}`);
    await sleep(POLL_MS, undefined, { signal: env.interrupted });
  }
}

function reasonOf({ state, fault }: DataExport): string {
  if (state === "expired") return "the export was ended, or its archive is over. Ask again: hubbub export FILE";
  if (fault === "too_large") return "the archive would be larger than this server makes. Ask its operator.";
  return "the server could not make the archive. Try again in an hour.";
}

/** Asking costs nothing: a server that restarts is asked again for a while. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof HubbubError) || !error.shouldRetry() || attempt === ASK_ATTEMPTS) throw error;
      await sleep(error.retryAfterMs ?? POLL_MS * attempt);
    }
  }
}
const ASK_ATTEMPTS = 10;

/** Asks for the password once, when the server wants it. */
class Proven {
  readonly #env: Environment;
  readonly #isPasswordOnStdin: boolean;
  #password: string | undefined;

  constructor(env: Environment, isPasswordOnStdin: boolean) {
    this.#env = env;
    this.#isPasswordOnStdin = isPasswordOnStdin;
  }

  async try<Answer>(call: (proof: { password?: string }) => Promise<Answer>): Promise<Answer> {
    const proof = () => (this.#password === undefined ? {} : { password: this.#password });
    try {
      return await call(proof());
    } catch (error) {
      const isAsked = error instanceof HubbubError && error.code === "proof_required";
      if (!isAsked || this.#password !== undefined) throw error;
      tell(this.#env, "Your login is older than ten minutes: confirm that it is you.");
      this.#password = await askPassword(this.#env, this.#isPasswordOnStdin, false);
      return await call(proof());
    }
  }
}
