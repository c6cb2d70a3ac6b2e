import { HubbubAccount, type HubbubHttp, type Messages } from "@hubbub/client";
import { type Member, type PublicUser, type Room, usernameKey } from "@hubbub/protocol";
import { CliError } from "../cli-error.ts";
import { allMembers } from "../find-member.ts";

/** Where an act happens: a chat, or a command that names its room. */
export interface ActPlace {
  readonly http: HubbubHttp;
  readonly server: string;
  /** undefined: in no room. */
  readonly room: Room | undefined;
  /** What was shown. */
  readonly messages: Messages | undefined;
  enter(room: Room): Promise<void>;
  /** Answers in a thread. */
  answer(text: string, thread: number): Promise<void>;
  /** How another act is typed here: `.unban bob` in the chat, elsewhere `hubbub unban tea bob`. */
  spell(act: string, words?: string): string;
}

/** An act that is done in a room has one. */
export type RoomPlace = ActPlace & { readonly room: Room };

/** Answers what is true now, a sentence or a list. */
type Run<Place> = (argument: string, place: Place) => Promise<readonly string[]>;

/** Something that somebody does with people or rooms. */
export interface Act {
  /** What stands behind its name. */
  readonly takes: string;
  readonly help: string;
  /** Where it is done: as a command, the name of a room comes first. */
  readonly isInRoom: boolean;
  readonly run: Run<ActPlace>;
}

export function anywhere(takes: string, help: string, run: Run<ActPlace>): Act {
  return { takes, help, isInRoom: false, run };
}

export function inRoom(takes: string, help: string, run: Run<RoomPlace>): Act {
  return {
    takes,
    help,
    isInRoom: true,
    run: (argument, place) => {
      const { room } = place;
      if (room === undefined) throw new CliError("you are in no room: .join ROOM, .rooms lists them");
      return run(argument, { ...place, room });
    },
  };
}

/** The words do not fit; the help of the act says what does. */
export class Misused extends Error {}

/** The words of an argument: as many as are named, the rest in the last one. @throws Misused when fewer than `least` */
export function wordsOf(argument: string, count: number, least = count): string[] {
  const words = argument.split(/\s+/).filter((word) => word !== "");
  if (words.length < least) throw new Misused();
  return words.length <= count ? words : [...words.slice(0, count - 1), words.slice(count - 1).join(" ")];
}

/** @throws Misused when there is anything */
export function nothing(argument: string): void {
  if (argument !== "") throw new Misused();
}

const SECONDS_OF: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** `90s`, `10m`, `2h`, `7d`; undefined for anything else. */
export function secondsOf(text = ""): number | undefined {
  const [, count = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return count === "" ? undefined : Number(count) * (SECONDS_OF[unit] ?? 0);
}

/** A member of the room, or the author of a message that was shown. @throws CliError */
export async function findPerson(place: RoomPlace, name: string): Promise<PublicUser> {
  const key = usernameKey(name.replace(/^@/, ""));
  const author = place.messages?.all.find(({ event }) => usernameKey(event.by.username) === key)?.event.by;
  return author ?? (await findMember(place, name)).user;
}

/** @throws CliError when nobody of this name is in the room */
export async function findMember({ http, room, spell }: RoomPlace, name: string): Promise<Member> {
  const key = usernameKey(name.replace(/^@/, ""));
  for await (const member of allMembers(http, room.id)) if (usernameKey(member.user.username) === key) return member;
  throw new CliError(`there is no ${name} in this room. ${spell("members")} lists who is`);
}

/** @throws CliError with what to do instead */
export function findNamed<Found>(all: readonly Found[], nameOf: (one: Found) => string, name: string, none: string) {
  const key = name.replace(/^[@#]/, "").toLowerCase();
  const found = all.find((one) => nameOf(one).toLowerCase() === key);
  if (found === undefined) throw new CliError(none);
  return found;
}

export const accountOf = ({ http }: ActPlace): HubbubAccount => new HubbubAccount(http);
