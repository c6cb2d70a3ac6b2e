import { HubbubError, HubbubHttp, toStoredTokens } from "@hubbub/client";
import { PASSWORD_MIN_LENGTH } from "@hubbub/protocol";
import { askPassword } from "../ask-password.ts";
import { CliError } from "../cli-error.ts";
import { createConnected } from "../connected.ts";
import { Credentials } from "../credentials.ts";
import type { Environment } from "../environment.ts";

export async function signup(env: Environment, username: string, isPasswordOnStdin: boolean): Promise<void> {
  const password = await askPassword(env, isPasswordOnStdin, true);
  if (password.length < PASSWORD_MIN_LENGTH) {
    throw new CliError(`a password has at least ${PASSWORD_MIN_LENGTH} characters. Try again.`);
  }
  const tokens = await new HubbubHttp({ url: env.server }).signup({ username, password });
  await new Credentials(env.configDir, env.server).save(toStoredTokens(tokens));
  env.stderr.write(`Welcome, ${tokens.user.username}. Talk: hubbub chat ROOM\n`);
}

export async function login(env: Environment, username: string, isPasswordOnStdin: boolean): Promise<void> {
  const password = await askPassword(env, isPasswordOnStdin, false);
  const tokens = await new HubbubHttp({ url: env.server }).login({ username, password });
  await new Credentials(env.configDir, env.server).save(toStoredTokens(tokens));
  env.stderr.write(`Logged in as ${tokens.user.username}.\n`);
}

/** A login that the server no longer knows is forgotten all the same. */
export async function logout(env: Environment): Promise<void> {
  const credentials = new Credentials(env.configDir, env.server);
  await using connected = await createConnected(env, undefined);
  await connected.client.http.logout().catch((error: unknown) => {
    if (!(error instanceof HubbubError) || error.status !== 401) throw error;
  });
  await credentials.forget();
  env.stderr.write("Logged out.\n");
}
