import { parseArgs } from "node:util";
import { CliError, EXIT } from "./cli-error.ts";

/** `guest`: undefined without --guest, "" for a name of the server's choice. */
interface Guest {
  readonly guest: string | undefined;
}

export type Command =
  | { readonly name: "help" | "version" | "logout" | "rooms" }
  | { readonly name: "signup" | "login"; readonly username: string; readonly isPasswordOnStdin: boolean }
  | { readonly name: "create"; readonly room: string; readonly isPrivate: boolean }
  | ({ readonly name: "chat"; readonly room: string; readonly mayCreate: boolean } & Guest)
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
}

const OPTIONS = {
  server: { type: "string" },
  guest: { type: "string" },
  since: { type: "string" },
  private: { type: "boolean" },
  create: { type: "boolean" },
  json: { type: "boolean" },
  "password-stdin": { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

/** Command and room: only a word behind both can be the name of a guest. */
const WORDS_BEFORE_GUEST = 2;

/** @throws CliError usage */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv);
  const [name = "help", ...words] = positionals;
  if (values.help) return { command: { name: "help" }, server: undefined };
  if (values.version) return { command: { name: "version" }, server: undefined };
  const command = toCommand(name, words, values);
  if (values.guest !== undefined && !("guest" in command)) throw usage("--guest goes with chat, send and tail");
  return { command, server: values.server };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: withGuestName(argv), options: OPTIONS, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw usage(error.message.split(". ")[0] ?? error.message);
  }
}

type Values = ReturnType<typeof parse>["values"];

function toCommand(name: string, words: readonly string[], values: Values): Command {
  const { guest } = values;
  switch (name) {
    case "help":
    case "logout":
    case "rooms":
      none(words, name);
      return { name };
    case "signup":
    case "login":
      return { name, username: only(words, name, "NAME"), isPasswordOnStdin: values["password-stdin"] ?? false };
    case "create":
      return { name, room: only(words, name, "ROOM"), isPrivate: values.private ?? false };
    case "chat":
      return { name, room: only(words, name, "ROOM"), mayCreate: values.create ?? false, guest };
    case "tail":
      return { name, room: only(words, name, "ROOM"), isJson: values.json ?? false, since: seqOf(values.since), guest };
    case "send": {
      const [room, ...text] = words;
      if (room === undefined) throw usage("send needs a ROOM");
      return { name, room, text: text.length === 0 ? undefined : text.join(" "), guest };
    }
    default:
      throw usage(`there is no command "${name}"`);
  }
}

/** --guest may stand alone: the next word is its name only when command and room came before. */
function withGuestName(argv: readonly string[]): string[] {
  const at = argv.indexOf("--guest");
  const end = argv.indexOf("--");
  if (at === -1 || (end !== -1 && end < at)) return [...argv];
  const takesValue = (arg: string | undefined): boolean => arg === "--server" || arg === "--since";
  const before = argv.slice(0, at).filter((arg, index) => !arg.startsWith("-") && !takesValue(argv[index - 1]));
  const next = argv[at + 1];
  const name = before.length >= WORDS_BEFORE_GUEST && next !== undefined && !next.startsWith("-") ? next : "";
  return [...argv.slice(0, at), `--guest=${name}`, ...argv.slice(name === "" ? at + 1 : at + 2)];
}

function only(words: readonly string[], command: string, what: string): string {
  const [word, ...more] = words;
  if (word === undefined || more.length > 0) throw usage(`${command} takes one ${what}; put quotes around spaces`);
  return word;
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
