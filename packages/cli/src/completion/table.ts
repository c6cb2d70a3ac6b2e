import { REPORT_REASONS, ROLES } from "@hubbub/protocol";
import { allActs } from "../acts/acts.ts";
import { type Command, FOR_ALL, OPTIONS, OPTIONS_OF } from "../args.ts";
import { OPERATOR_COMMANDS } from "../operator-commands.ts";
import { SHELLS } from "./shells.ts";

/** What a word of a command line is: something that the server knows, one of some words, or "" for anything. */
export type Word = "room" | "member" | "person" | "invitation" | "profile" | "act" | "file" | "" | readonly string[];

/** Words behind the command; the last one stands for all that follow. Acts have theirs from `allActs`. */
const WORDS: Readonly<Record<Exclude<Command["name"], "act" | "version">, readonly Word[]>> = {
  ...{ help: ["act"], signup: [""], login: [""], logout: [], rooms: [] },
  profiles: [["use", "remove"], "profile"],
  completion: [SHELLS],
  ...{
    create: [""],
    chat: ["room"],
    send: ["room", ""],
    tail: ["room"],
    search: [""],
    members: ["room"],
    leave: ["room"],
  },
  ...{ report: ["room", ""], reports: ["room"], resolve: ["room", "", ["dismissed", "acted"], ""], audit: ["room"] },
  ...{ avatar: ["file"], export: ["file"], bot: ["file", "file"] },
};

const VALUES: Readonly<Partial<Record<keyof typeof OPTIONS, Word>>> = {
  profile: "profile",
  room: "room",
  reason: REPORT_REASONS,
};

const ACT_WORDS: Readonly<Record<string, readonly Word[]>> = {
  ...{
    accept: ["invitation"],
    decline: ["invitation"],
    role: ["room", "member", ROLES],
    newcomers: ["room", ["all", "joined"]],
    keeptexts: ["room", ["yes", "no"]],
    me: [["name", "zone", "about"]],
    lastseen: [["show", "hide"]],
  },
  ...{ dm: ["person"], destroy: ["room", "room"], rename: ["room", ""] },
};

/** Every command, with what stands behind it. */
export const COMMANDS: ReadonlyMap<string, readonly Word[]> = new Map([
  ...Object.entries(WORDS),
  ...allActs().map(({ name, isInRoom, takesName }): [string, readonly Word[]] => {
    const usual: readonly Word[] = isInRoom ? ["room", takesName ? "member" : ""] : [""];
    return [name, ACT_WORDS[name] ?? usual];
  }),
  ...OPERATOR_COMMANDS.map((name): [string, readonly Word[]] => [name, [""]]),
]);

/** Commands whose words are names of files, which a shell completes by itself. */
export const FILE_COMMANDS = [...COMMANDS].filter(([, [first]]) => first === "file").map(([name]) => name);

/** `--name` of the options of a command; of none, those that go with all. */
export function optionsOf(command: string | undefined): string[] {
  return [...(OPTIONS_OF[command ?? ""] ?? []), ...FOR_ALL].map((name) => `--${name}`);
}

/** What the value of an option is; undefined: it takes none. --guest may stand alone. */
export function valueKind(option: string): Word | undefined {
  const name = option.replace(/^--/, "") as keyof typeof OPTIONS;
  if (!option.startsWith("--") || !Object.hasOwn(OPTIONS, name)) return undefined;
  return OPTIONS[name].type === "string" && name !== "guest" ? (VALUES[name] ?? "") : undefined;
}

/** Options that take a value. */
export const VALUE_OPTIONS = Object.keys(OPTIONS)
  .map((name) => `--${name}`)
  .filter((option) => valueKind(option) !== undefined);
