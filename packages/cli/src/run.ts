import { helpOn } from "./acts/acts.ts";
import { type Arguments, type Command, parseArguments, type ShortCommand } from "./args.ts";
import { CliError, EXIT, ending } from "./cli-error.ts";
import { login, logout, signup } from "./commands/account.ts";
import { act } from "./commands/act.ts";
import { setAvatar } from "./commands/avatar.ts";
import { bot } from "./commands/bot.ts";
import { chat } from "./commands/chat.ts";
import { complete } from "./commands/complete.ts";
import { exportData } from "./commands/export.ts";
import { leave, listMembers } from "./commands/members.ts";
import { moderate } from "./commands/moderation.ts";
import { manageProfiles } from "./commands/profiles.ts";
import { create, rooms } from "./commands/rooms.ts";
import { search } from "./commands/search.ts";
import { send } from "./commands/send.ts";
import { tail } from "./commands/tail.ts";
import { completionScript } from "./completion/scripts.ts";
import { unlessGone } from "./connected.ts";
import { type Environment, tell } from "./environment.ts";
import { assertWritten, watchOutput } from "./output.ts";
import { Profiles } from "./profiles.ts";
import { USAGE } from "./usage.ts";

/** They concern no server. */
const PLACELESS: ReadonlySet<string> = new Set(["help", "version", "completion"]);
const VERSION = "0.1.0";
/** Schemes of addresses. */
const SCHEMES: Readonly<Record<string, "http" | "ws">> = {
  "http:": "http",
  "https:": "http",
  "ws:": "ws",
  "wss:": "ws",
};
/** `host` or `host:port`. */
const ADDRESS = /^[\w.-]+(?::\d{1,5})?$/;

/** Runs one command line. Answers the exit code. */
export async function run(argv: readonly string[], defaults: Environment): Promise<number> {
  const output = watchOutput(defaults);
  const interrupted = AbortSignal.any([defaults.interrupted, output]);
  let env = { ...defaults, interrupted };
  try {
    const profiles = new Profiles(defaults.configDir);
    if (argv[0] === "__complete") {
      await complete(env, profiles, argv.slice(1), (line) => placed(env, profiles, line));
      return EXIT.ok;
    }
    const parsed = parseArguments(argv);
    if (!PLACELESS.has(parsed.command.name)) env = await placed(env, profiles, parsed);
    env.interrupted.throwIfAborted();
    await execute(parsed.command, env, profiles);
    await assertWritten(defaults.stdout, output);
    return EXIT.ok;
  } catch (error) {
    const end = ending(error, env);
    if (end === undefined) throw error;
    if (end.line !== "") tell(env, `hubbub: ${end.line}`);
    return end.exitCode;
  }
}

/** The server and the folder of the profile. --server and --profile precede the environment, which precedes `profiles use`. */
async function placed(env: Environment, profiles: Profiles, given: Omit<Arguments, "command">): Promise<Environment> {
  await profiles.migrate().catch((error: unknown) => {
    if (!(error instanceof CliError)) throw error;
    tell(env, `hubbub: ${error.message}`);
  });
  const profile = given.profile ?? env.profile ?? (await profiles.current());
  const configDir = profiles.folderOf(profile);
  const own = given.profile !== undefined || env.serverFrom === "" ? await profiles.serverOf(profile) : undefined;
  const [text, serverFrom] =
    given.server !== undefined
      ? [given.server, "--server"]
      : own === undefined
        ? [env.server, env.serverFrom]
        : [own, `the profile ${profile}`];
  return { ...env, server: toServer(text, serverFrom), serverFrom, profile, configDir };
}

/** These end by themselves when they are interrupted; the others have nothing to say goodbye to. */
function execute(command: Command, env: Environment, profiles: Profiles): Promise<void> {
  switch (command.name) {
    case "chat":
      return chat(env, command);
    case "send":
      return send(env, command.room, command.text, command.guest);
    case "bot":
      return bot(env, command);
    case "tail":
      return tail(env, command);
    default:
      return unlessGone(env.interrupted, executeShort(command, env, profiles));
  }
}

async function executeShort(command: ShortCommand, env: Environment, profiles: Profiles): Promise<void> {
  switch (command.name) {
    case "help":
      return help(env, command.topic);
    case "completion":
      env.stdout.write(completionScript(command.shell));
      break;
    case "version":
      env.stdout.write(`${VERSION}\n`);
      break;
    case "profiles":
      return manageProfiles(env, profiles, command);
    case "signup":
      return signup(env, command.username, command.isPasswordOnStdin);
    case "login":
      return login(env, command.username, command.isPasswordOnStdin);
    case "logout":
      return logout(env);
    case "rooms":
      return rooms(env);
    case "avatar":
      return setAvatar(env, command.path);
    case "export":
      return exportData(env, command.path, command.isPasswordOnStdin);
    case "search":
      return search(env, command.query, command.isJson);
    case "create":
      return create(env, command.room, command.isPrivate);
    case "members":
      return listMembers(env, command.room);
    case "leave":
      return leave(env, command.room, command.mayClose);
    case "report":
    case "reports":
    case "resolve":
    case "audit":
      return moderate(env, command);
    case "act":
      return act(env, command);
  }
}

/** @throws CliError usage */
function help(env: Environment, topic: string | undefined): void {
  const lines = topic === undefined ? [USAGE.trimEnd()] : helpOn(topic, "");
  if (lines === undefined) throw new CliError(`there is no help on ${topic}. See: hubbub --help`, EXIT.usage);
  env.stdout.write(`${lines.join("\n")}\n`);
}

/** @throws CliError usage */
function toServer(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = SCHEMES[url?.protocol ?? ""];
  if (url === undefined || scheme === undefined || url.host === "") {
    const meant = ADDRESS.test(text) ? `http://${text} or https://${text}` : "http://127.0.0.1:8080";
    throw new CliError(`${from} takes a URL like ${meant}, not ${text || "nothing"}`, EXIT.usage);
  }
  const { host, pathname } = url;
  // The address of the WebSocket stands for its server.
  const path = scheme === "ws" ? pathname.replace(/\/ws\/*$/, "") : pathname;
  return `${url.protocol.replace(/^ws/, "http")}//${host}${path}`.replace(/\/+$/, "");
}
