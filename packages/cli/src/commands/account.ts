import { HubbubError, HubbubHttp, toStoredTokens } from "@hubbub/client";
import { PASSWORD_MIN_LENGTH } from "@hubbub/protocol";
import { askPassword } from "../ask-password.ts";
import { CliError, EXIT, explain } from "../cli-error.ts";
import { createConnected } from "../connected.ts";
import { Credentials } from "../credentials.ts";
import { type Environment, tell } from "../environment.ts";
import { mayHaveHappened, persistently } from "../persistently.ts";

export async function signup(env: Environment, username: string, isPasswordOnStdin: boolean): Promise<void> {
  const credentials = new Credentials(env.configDir, env.server);
  await credentials.assertWritable();
  const password = await askPassword(env, isPasswordOnStdin, true);
  if ([...password].length < PASSWORD_MIN_LENGTH) {
    throw new CliError(`a password has at least ${PASSWORD_MIN_LENGTH} characters. Try again.`);
  }
  const http = new HubbubHttp({ url: env.server });
  const tokens = await persistently(() => http.signup({ username, password })).catch((error: unknown) => {
    if (!mayHaveHappened(error)) throw error;
    const next = `The account may have been made: try hubbub login ${username}, then sign up again.`;
    throw new CliError(`${explain(error, env.server)} ${next}`, EXIT.failure, { cause: error });
  });
  await credentials.save(toStoredTokens(tokens));
  tell(env, `Welcome, ${tokens.user.username}. Talk: hubbub chat ROOM`);
}

export async function login(env: Environment, username: string, isPasswordOnStdin: boolean): Promise<void> {
  const credentials = new Credentials(env.configDir, env.server);
  await credentials.assertWritable();
  const password = await askPassword(env, isPasswordOnStdin, false);
  const tokens = await new HubbubHttp({ url: env.server }).login({ username, password });
  await credentials.save(toStoredTokens(tokens));
  tell(env, `Logged in as ${tokens.user.username}.`);
}

/** A login that the server no longer knows is forgotten all the same. */
export async function logout(env: Environment): Promise<void> {
  const credentials = new Credentials(env.configDir, env.server);
  await using connected = await createConnected(env, undefined);
  await connected.client.http.logout().catch((error: unknown) => {
    if (!(error instanceof HubbubError) || error.status !== 401) throw error;
  });
  await credentials.forget();
  tell(env, "Logged out.");
}
