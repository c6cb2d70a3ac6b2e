import { HubbubError, HubbubHttp, HubbubSignin, type SecondFactor, type Tokens, toStoredTokens } from "@hubbub/client";
import { PASSWORD_MIN_LENGTH } from "@hubbub/protocol";
import { askCode, askPassword } from "../ask-password.ts";
import { CliError, EXIT, explain } from "../cli-error.ts";
import { createConnected } from "../connected.ts";
import { Credentials } from "../credentials.ts";
import { type Environment, tell } from "../environment.ts";
import { mayHaveHappened, persistently } from "../persistently.ts";
import { rememberServer } from "../profiles.ts";

/** The server ends a login after five wrong codes. */
const CODE_ATTEMPTS = 3;

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
  await rememberServer(env.configDir, env.server);
  tell(env, `Welcome, ${tokens.user.username}. Talk: hubbub chat ROOM`);
}

export async function login(env: Environment, username: string, isPasswordOnStdin: boolean): Promise<void> {
  const credentials = new Credentials(env.configDir, env.server);
  await credentials.assertWritable();
  const password = await askPassword(env, isPasswordOnStdin, false);
  const http = new HubbubHttp({ url: env.server });
  const tokens = await http.login({ username, password }).catch((error: unknown) => {
    if (!(error instanceof HubbubError) || error.secondFactor === undefined) throw error;
    return secondFactor(env, new HubbubSignin(http), error.secondFactor);
  });
  await credentials.save(toStoredTokens(tokens));
  await rememberServer(env.configDir, env.server);
  tell(env, `Logged in as ${tokens.user.username}.`);
}

/** Passkeys need a browser. At a terminal a wrong code may be followed by another one. */
async function secondFactor(env: Environment, signin: HubbubSignin, factor: SecondFactor): Promise<Tokens> {
  if (factor.methods.every((method) => method === "passkey")) {
    throw new CliError("this login needs a passkey: log in at the page, or use a personal access token");
  }
  for (let attempt = 1; ; attempt += 1) {
    const code = await askCode(env);
    try {
      return await signin.finish(factor.ticket, { code });
    } catch (error) {
      const isWrong = error instanceof HubbubError && error.code === "bad_code";
      if (!isWrong || env.code !== undefined || attempt === CODE_ATTEMPTS) throw error;
      tell(env, `hubbub: ${explain(error, env.server)}`);
    }
  }
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
