import { text } from "node:stream/consumers";
import { CliError, EXIT } from "./cli-error.ts";
import type { Environment } from "./environment.ts";

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const LINE_END = new RegExp(`\\r\\n|[\\r\\n${CTRL_C}${CTRL_D}]`);
const BACKSPACE = /[\b\u007f]/;

/** From stdin, from HUBBUB_PASSWORD, or typed without echo. `repeat`: typed twice, for a new password. */
export async function askPassword(env: Environment, isOnStdin: boolean, repeat: boolean): Promise<string> {
  if (isOnStdin) return (await text(env.stdin)).replace(/\r?\n$/, "");
  if (env.password !== undefined) return env.password;
  if (!env.stdin.isTTY) {
    throw new CliError(
      "there is no terminal to ask for the password: use --password-stdin or HUBBUB_PASSWORD",
      EXIT.usage,
    );
  }
  const password = await typed(env, "Password: ");
  if (repeat && (await typed(env, "Again: ")) !== password) throw new CliError("the passwords differ. Try again.");
  return password;
}

/** The second factor of a login: from HUBBUB_CODE, or typed. */
export async function askCode(env: Environment): Promise<string> {
  if (env.code !== undefined) return env.code;
  if (!env.stdin.isTTY) {
    throw new CliError(
      "this login needs a code of an authenticator app, or a recovery code: set HUBBUB_CODE",
      EXIT.usage,
    );
  }
  return (await typed(env, "Code of your authenticator app, or a recovery code: ")).trim();
}

function typed(env: Environment, prompt: string): Promise<string> {
  env.stderr.write(prompt);
  env.stdin.setRawMode(true).resume().setEncoding("utf8");
  let line = "";
  return new Promise<string>((resolve, reject) => {
    const take = (chunk: string): void => {
      const end = LINE_END.exec(chunk);
      for (const key of chunk.slice(0, end?.index))
        line = BACKSPACE.test(key) ? [...line].slice(0, -1).join("") : line + key;
      if (end === null) return;
      env.stdin.setRawMode(false).pause().off("data", take);
      env.stderr.write("\n");
      // What was typed or pasted ahead belongs to the next question.
      const rest = chunk.slice(end.index + end[0].length);
      if (rest !== "") env.stdin.unshift(rest);
      if (end[0] === CTRL_C || end[0] === CTRL_D) reject(new CliError("nothing was given"));
      else resolve(line);
    };
    env.stdin.on("data", take);
  });
}
