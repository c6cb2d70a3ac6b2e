import { type Command, parseArguments } from "./args.ts";
import { CliError, EXIT, ending } from "./cli-error.ts";
import { login, logout, signup } from "./commands/account.ts";
import { chat } from "./commands/chat.ts";
import { create, rooms } from "./commands/rooms.ts";
import { send } from "./commands/send.ts";
import { tail } from "./commands/tail.ts";
import type { Environment } from "./environment.ts";
import { USAGE } from "./usage.ts";

const VERSION = "0.1.0";

/** Runs one command line. Answers the exit code. */
export async function run(argv: readonly string[], defaults: Environment): Promise<number> {
  let env = defaults;
  try {
    const { command, server } = parseArguments(argv);
    env = { ...defaults, server: toServer(server ?? defaults.server) };
    await execute(command, env);
    return EXIT.ok;
  } catch (error) {
    const end = ending(error, env.server);
    if (end === undefined) throw error;
    env.stderr.write(`hubbub: ${end.line}\n`);
    return end.exitCode;
  }
}

async function execute(command: Command, env: Environment): Promise<void> {
  switch (command.name) {
    case "help":
      env.stdout.write(USAGE);
      break;
    case "version":
      env.stdout.write(`${VERSION}\n`);
      break;
    case "signup":
      return signup(env, command.username, command.isPasswordOnStdin);
    case "login":
      return login(env, command.username, command.isPasswordOnStdin);
    case "logout":
      return logout(env);
    case "rooms":
      return rooms(env);
    case "create":
      return create(env, command.room, command.isPrivate);
    case "chat":
      return chat(env, command.room, command.mayCreate, command.guest);
    case "send":
      return send(env, command.room, command.text, command.guest);
    case "tail":
      return tail(env, command);
  }
}

/** @throws CliError usage */
function toServer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new CliError(`--server takes a URL like http://127.0.0.1:8080, not ${text}`, EXIT.usage);
  }
  return url.href.replace(/\/+$/, "");
}
