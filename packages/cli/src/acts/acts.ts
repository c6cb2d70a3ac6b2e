import type { Room } from "@hubbub/protocol";
import { CliError, EXIT } from "../cli-error.ts";
import { type Act, type ActPlace, Misused } from "./act.ts";
import { MEMBER_ACTS } from "./members.ts";
import { MESSAGE_ACTS } from "./messages.ts";
import { PEOPLE_ACTS } from "./people.ts";
import { ROOM_ACTS } from "./room.ts";
import { TASK_ACTS } from "./tasks.ts";

/** By what `.usage` calls them. */
const GROUPS = {
  people: PEOPLE_ACTS,
  members: MEMBER_ACTS,
  room: { ...ROOM_ACTS, ...TASK_ACTS },
  messages: MESSAGE_ACTS,
} as const;
const ACTS: Readonly<Record<string, Act>> = { ...GROUPS.people, ...GROUPS.members, ...GROUPS.room, ...GROUPS.messages };
const ALIASES: Readonly<Record<string, string>> = { remove: "kick", description: "topic", msg: "dm" };
/** They lead into another room. */
const ENTERING: ReadonlySet<string> = new Set(["dm", "accept", "use"]);
/** Not acts, but what acts point to; as commands they take a room too. */
const BESIDE_IN_ROOM: ReadonlySet<string> = new Set(["members"]);
const NAME_WIDTH = 36;
const IN_CHAT = ".";
/** A name that a shell takes as it is. */
const ONE_WORD = /^[\p{L}\p{N}_.-]+$/u;

/** Every name, and whether its command takes a room first, and the name of somebody next. */
export function allActs() {
  return Object.entries(ACTS).map(([name, { isInRoom, takes }]) => ({
    name,
    isInRoom,
    takesName: /^NAME/.test(takes),
  }));
}

/** The name of an act, as it is or as others call it; undefined: there is none. */
export function actNamed(name: string): string | undefined {
  const meant = ALIASES[name] ?? name;
  return Object.hasOwn(ACTS, meant) ? meant : undefined;
}

export function isInRoom(name: string): boolean {
  return ACTS[name]?.isInRoom === true;
}

/** What is typed behind it is meant for the room that it leads into. */
export function entersRoom(name: string): boolean {
  return ENTERING.has(name);
}

/** `mark`: what stands before its name, in the chat a dot. @throws CliError; HubbubError for a refusal */
export async function doAct(
  name: string,
  argument: string,
  place: Omit<ActPlace, "spell">,
  mark = IN_CHAT,
): Promise<readonly string[]> {
  const act = ACTS[name];
  if (act === undefined) throw new CliError(`there is no ${mark}${name}`);
  try {
    return await act.run(argument, { ...place, spell: (other, words) => typed(other, words, place.room, mark) });
  } catch (error) {
    if (!(error instanceof Misused)) throw error;
    throw new CliError(`say ${spelled(name, act, mark)}: ${act.help}`, EXIT.usage);
  }
}

/** Help on one act or on a group of them; undefined: there is neither. `mark`: see `doAct`. */
export function helpOn(topic: string, mark = IN_CHAT): string[] | undefined {
  const group = Object.entries(GROUPS).find(([name]) => name === topic)?.[1];
  if (group !== undefined) return Object.entries(group).map((entry) => helpLine(entry, mark));
  const name = actNamed(topic.replace(/^[./]/, ""));
  const act = name === undefined ? undefined : ACTS[name];
  return name === undefined || act === undefined ? undefined : [helpLine([name, act], mark)];
}

/** Names of the acts in one group. */
export function namesIn(group: keyof typeof GROUPS): string[] {
  return Object.keys(GROUPS[group]);
}

function helpLine([name, act]: [string, Act], mark: string): string {
  const said = `  ${spelled(name, act, mark)}`;
  const gap = said.length < NAME_WIDTH ? " ".repeat(NAME_WIDTH - said.length) : `\n${" ".repeat(NAME_WIDTH)}`;
  return `${said}${gap} ${act.help}`;
}

/** As it is typed for this room: in the chat the room is the open one. */
function typed(name: string, words: string | undefined, room: Room | undefined, mark: string): string {
  const takesRoom = mark !== IN_CHAT && (isInRoom(name) || BESIDE_IN_ROOM.has(name));
  const named = takesRoom && room !== undefined ? [ONE_WORD.test(room.name) ? room.name : room.id] : [];
  return [`${mark}${name}`, ...named, ...(words === undefined ? [] : [words])].join(" ");
}

/** As the help shows it. */
function spelled(name: string, { takes, isInRoom }: Act, mark: string): string {
  const room = isInRoom && mark !== IN_CHAT ? ["ROOM"] : [];
  return [`${mark}${name}`, ...room, ...(takes === "" ? [] : [takes])].join(" ");
}
