import { parseArgs } from "node:util";
import { actNamed, isInRoom } from "./acts/acts.ts";
import { type BotCommand, toBotCommand } from "./bot-args.ts";
import { CliError, EXIT } from "./cli-error.ts";
import type { ProfilesCommand } from "./commands/profiles.ts";
import { SHELLS, type Shell, shellNamed } from "./completion/shells.ts";
import { type ModerationCommand, toModerationCommand } from "./moderation-args.ts";

/** `guest`: undefined without --guest, "" for a name of the server's choice. */
interface Guest {
  readonly guest: string | undefined;
}

/** Commands that ask the server once or twice and end. */
export type ShortCommand =
  | ModerationCommand
  | ProfilesCommand
  | { readonly name: "version" | "logout" | "rooms" }
  | { readonly name: "help"; readonly topic?: string }
  | { readonly name: "completion"; readonly shell: Shell }
  | { readonly name: "signup" | "login"; readonly username: string; readonly isPasswordOnStdin: boolean }
  | { readonly name: "search"; readonly query: string; readonly isJson: boolean }
  | { readonly name: "avatar"; readonly path: string | undefined }
  | { readonly name: "export"; readonly path: string; readonly isPasswordOnStdin: boolean }
  | { readonly name: "create"; readonly room: string; readonly isPrivate: boolean }
  | { readonly name: "members"; readonly room: string }
  | { readonly name: "leave"; readonly room: string; readonly mayClose: boolean }
  | {
      readonly name: "act";
      readonly act: string;
      /** "" where the act is done in none. */
      readonly room: string;
      readonly argument: string;
    };

export type Command =
  | ShortCommand
  | BotCommand
  | ({
      readonly name: "chat";
      /** undefined: in a terminal a room is chosen from the list. */
      readonly room: string | undefined;
      readonly mayCreate: boolean;
      /** One line after the other, without the full screen. */
      readonly isLine: boolean;
      readonly hasMouse: boolean;
    } & Guest)
  | ({ readonly name: "send"; readonly room: string; readonly text: string | undefined } & Guest)
  | ({
      readonly name: "tail";
      readonly room: string;
      readonly isJson: boolean;
      readonly since: number | undefined;
    } & Guest);

export interface Arguments {
  readonly command: Command;
  readonly server: string | undefined;
  readonly profile: string | undefined;
}

export const OPTIONS = {
  server: { type: "string" },
  profile: { type: "string" },
  guest: { type: "string" },
  since: { type: "string" },
  private: { type: "boolean" },
  create: { type: "boolean" },
  close: { type: "boolean" },
  line: { type: "boolean" },
  mouse: { type: "boolean" },
  remove: { type: "boolean" },
  json: { type: "boolean" },
  reason: { type: "string" },
  room: { type: "string", multiple: true },
  command: { type: "string" },
  each: { type: "boolean" },
  parallel: { type: "string" },
  timeout: { type: "string" },
  "password-stdin": { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

/** Beside those that go with all. */
export const OPTIONS_OF: Readonly<Record<string, readonly string[]>> = {
  signup: ["password-stdin"],
  login: ["password-stdin"],
  avatar: ["remove"],
  export: ["password-stdin"],
  search: ["json"],
  create: ["private"],
  leave: ["close"],
  report: ["reason"],
  reports: ["json"],
  audit: ["json"],
  bot: ["room", "command", "each", "parallel", "timeout"],
  chat: ["create", "guest", "line", "mouse"],
  send: ["guest"],
  tail: ["json", "since", "guest"],
};
export const FOR_ALL = ["server", "profile", "help", "version"];

/** Command and room: only a word behind both can be the name of a guest, or a text. */
const WORDS_BEFORE_TEXT = 2;
const TAKES_VALUE = /^--(?:server|profile|since|reason|room|command|parallel|timeout)$/;
/** Anything else that begins with a dash is a text when it stands where the text does: `- milk`, `-1`. */
const OPTION = /^(?:-[hv]|--|--[a-z][a-z-]*(?:=.*)?)$/is;

/** @throws CliError usage */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv);
  const [name = "help", ...words] = positionals;
  const none = { server: undefined, profile: undefined };
  if (values.help) return { command: { name: "help" }, ...none };
  if (values.version) return { command: { name: "version" }, ...none };
  const command = toCommand(name, words, values);
  const known = [...FOR_ALL, ...(OPTIONS_OF[name] ?? [])];
  const stray = Object.keys(values).find((option) => !known.includes(option));
  if (stray !== undefined) throw usage(`--${stray} does not go with ${name}`);
  return { command, server: values.server, profile: values.profile };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: withDashedText(withGuestName(argv)), options: OPTIONS, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const isUnknown = "code" in error && error.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION";
    const hint = isUnknown ? `. Words behind -- are no options: hubbub send ROOM -- "--text"` : "";
    throw usage(`${error.message.split(". ")[0] ?? error.message}${hint}`);
  }
}

type Values = ReturnType<typeof parse>["values"];

function toCommand(name: string, words: readonly string[], values: Values): Command {
  const { guest } = values;
  switch (name) {
    case "help":
      return words[0] === undefined ? { name } : { name, topic: only(words, name, "ACT") };
    case "logout":
    case "rooms":
      none(words, name);
      return { name };
    case "completion":
      return { name, shell: shellNamed(only(words, name, "SHELL")) ?? noShell() };
    case "bot":
      return toBotCommand(words, values);
    case "profiles":
      return toProfiles(words);
    case "signup":
    case "login":
      return { name, username: only(words, name, "NAME"), isPasswordOnStdin: values["password-stdin"] ?? false };
    case "avatar":
      if (values.remove) none(words, "avatar --remove");
      return { name, path: values.remove ? undefined : only(words, name, "FILE") };
    case "export":
      return { name, path: only(words, name, "FILE"), isPasswordOnStdin: values["password-stdin"] ?? false };
    case "search":
      return { name, query: only(words, name, "QUERY"), isJson: values.json ?? false };
    case "create":
      return { name, room: only(words, name, "ROOM"), isPrivate: values.private ?? false };
    case "members":
      return { name, room: only(words, name, "ROOM") };
    case "leave":
      return { name, room: only(words, name, "ROOM"), mayClose: values.close ?? false };
    case "chat":
      return { name, ...chatOptions(words, values), guest };
    case "tail":
      return { name, room: only(words, name, "ROOM"), isJson: values.json ?? false, since: seqOf(values.since), guest };
    case "send":
      return { name, ...roomAndText(words), guest };
    default:
      return toModerationCommand(name, words, values) ?? toAct(name, words) ?? unknown(name);
  }
}

function noShell(): never {
  throw usage(`completion takes one of ${SHELLS.join(", ")}`);
}

function toProfiles([act, ...words]: readonly string[]): ProfilesCommand {
  const name = "profiles";
  if (act === undefined) return { name, act: "list", profile: "" };
  if (act === "use" || act === "remove") return { name, act, profile: only(words, `${name} ${act}`, "NAME") };
  throw usage("profiles takes use NAME or remove NAME, or nothing");
}

function chatOptions(words: readonly string[], { create = false, line = false, mouse = false }: Values) {
  const room = words.length === 0 && !line ? undefined : only(words, "chat", "ROOM");
  return { room, mayCreate: create, isLine: line, hasMouse: mouse };
}

function toAct(typed: string, words: readonly string[]): Command | undefined {
  const act = actNamed(typed);
  if (act === undefined) return undefined;
  if (!isInRoom(act)) return { name: "act", act, room: "", argument: words.join(" ") };
  const [room = "", ...more] = words;
  if (room === "") throw usage(`${typed} takes a ROOM first`);
  return { name: "act", act, room, argument: more.join(" ") };
}

function unknown(name: string): never {
  throw usage(`there is no command "${name}"`);
}

/** --guest may stand alone: the next word is its name only when command and room came before. */
function withGuestName(argv: readonly string[]): string[] {
  const at = argv.indexOf("--guest");
  const end = argv.indexOf("--");
  if (at === -1 || (end !== -1 && end < at)) return [...argv];
  const next = argv[at + 1];
  const isName = wordsAmong(argv.slice(0, at)).length >= WORDS_BEFORE_TEXT && next?.startsWith("-") === false;
  return [...argv.slice(0, at), `--guest=${isName ? next : ""}`, ...argv.slice(isName ? at + 2 : at + 1)];
}

/** What is sent may begin with a dash: such words go behind a `--`, where they are no options. */
function withDashedText(argv: readonly string[]): string[] {
  if (wordsAmong(argv)[0] !== "send") return [...argv];
  const end = argv.indexOf("--");
  const before = end === -1 ? argv : argv.slice(0, end);
  const isOptional = before.map((_, at) => isOption(before, at) || TAKES_VALUE.test(before[at - 1] ?? ""));
  const options = before.filter((_, at) => isOptional[at]);
  const words = before.filter((_, at) => !isOptional[at]);
  return [...options, "--", ...words, ...(end === -1 ? [] : argv.slice(end + 1))];
}

/** A dash makes an option, but where the text of `send` stands. */
function isOption(argv: readonly string[], at: number): boolean {
  const arg = argv[at] ?? "";
  if (wordsAmong(argv.slice(0, at)).length >= WORDS_BEFORE_TEXT) return OPTION.test(arg);
  return arg.startsWith("-");
}

function wordsAmong(argv: readonly string[]): string[] {
  return argv.filter((arg, at) => !arg.startsWith("-") && !TAKES_VALUE.test(argv[at - 1] ?? ""));
}

function only(words: readonly string[], command: string, what: string): string {
  const [word = "", ...more] = words;
  if (word === "" || more.length > 0) throw usage(`${command} takes one ${what}; put quotes around spaces`);
  return word;
}

function roomAndText(words: readonly string[]): { room: string; text: string | undefined } {
  const [room = "", ...more] = words;
  if (room === "") throw usage("send needs a ROOM");
  const text = more.length === 0 ? undefined : more.join(" ");
  if (text?.trim() === "") throw usage("there is nothing to send: the TEXT is empty");
  return { room, text };
}

function none(words: readonly string[], command: string): void {
  if (words.length > 0) throw usage(`${command} takes no words behind it`);
}

function seqOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw usage("--since takes a seq, a number from 0");
  return Number(text);
}

function usage(message: string): CliError {
  return new CliError(`${message}. See: hubbub --help`, EXIT.usage);
}
