import type { Person, PublicProfile } from "@hubbub/client";
import { PRESENCE_MAX, type PublicUser } from "@hubbub/protocol";
import { CliError } from "../cli-error.ts";
import { allMembers } from "../find-member.ts";
import { type Act, accountOf, anywhere, findNamed, findPerson, inRoom, Misused, nothing, wordsOf } from "./act.ts";

const EMOJI = /^\p{Extended_Pictographic}/u;
/** The code is the end of a link, or stands alone. */
const CODE = /([A-Za-z0-9_-]{22})$/;
const MINUTE_MS = 60_000;
/** The server rounds down to ten minutes. */
const FEW_MINUTES = 20;
const PROFILE_FIELDS: Readonly<Record<string, "displayName" | "timeZone" | "about">> = {
  name: "displayName",
  zone: "timeZone",
  about: "about",
};
/** The end of an id: its beginning is the time, which sessions share. */
const SESSION_SHOWN = 12;

/** What concerns people and oneself. */
export const PEOPLE_ACTS: Readonly<Record<string, Act>> = {
  dm: anywhere("NAME…", "talk directly with one or up to seven people", async (argument, place) => {
    if (argument === "") throw new Misused();
    const names = argument.split(/[\s,]+/).map((name) => name.replace(/^@/, ""));
    await place.enter(await place.http.rooms.direct(names));
    return [];
  }),
  block: inRoom("NAME", "no direct messages, mentions or invitations of theirs", async (argument, place) => {
    const { id, username } = await findPerson(place, wordsOf(argument, 1)[0] ?? "");
    await accountOf(place).block(id);
    return [`${username} is blocked; ${place.spell("unblock", username)} ends it`];
  }),
  unblock: anywhere("NAME", "end a block", async (argument, place) => {
    const [name = ""] = wordsOf(argument, 1);
    const none = `${name} is not blocked. ${place.spell("blocks")} lists who is`;
    const user = findNamed(await accountOf(place).blocked(), ({ username }) => username, name, none);
    await accountOf(place).unblock(user.id);
    return [`${user.username} is not blocked any more`];
  }),
  blocks: anywhere("", "whom you have blocked", async (argument, place) => {
    nothing(argument);
    const users = await accountOf(place).blocked();
    return users.length === 0 ? ["you have blocked nobody"] : users.map(({ username }) => username);
  }),
  who: inRoom("", "who is here, away or busy", async (argument, place) => {
    nothing(argument);
    const users: PublicUser[] = [];
    for await (const { user } of allMembers(place.http, place.room.id)) if (users.push(user) >= PRESENCE_MAX) break;
    const people = await place.http.presence(users.map(({ id }) => id));
    const named = users.map((user) => ({ user, person: people.find((one) => one.user === user.id) }));
    const rank = ({ person }: { person: Person | undefined }): number => Number(person?.online === true);
    return named.sort((a, b) => rank(b) - rank(a)).map(({ user, person }) => personLine(user.username, person));
  }),
  profile: inRoom("NAME", "what somebody says of themselves", async (argument, place) => {
    const { id } = await findPerson(place, wordsOf(argument, 1)[0] ?? "");
    const [profile, [person]] = await Promise.all([accountOf(place).profile(id), place.http.presence([id])]);
    return profileLines(profile, person);
  }),
  me: anywhere("name|zone|about TEXT | off", "what you say of yourself", async (argument, place) => {
    const [what = "", text = ""] = wordsOf(argument, 2);
    const field = PROFILE_FIELDS[what];
    if (field === undefined) throw new Misused();
    const profile = await accountOf(place).changeProfile({ [field]: text === "off" ? null : text });
    return [profile[field] === undefined ? `you say nothing of your ${what}` : `your ${what}: ${profile[field]}`];
  }),
  lastseen: anywhere("show | hide", "whether others see when you were last here", async (argument, { http }) => {
    if (argument !== "show" && argument !== "hide") throw new Misused();
    await http.setStatus({ lastSeen: argument === "show" });
    return [argument === "show" ? "others see when you were last here" : "nobody sees when you were last here"];
  }),
  status: anywhere("[EMOJI] [TEXT] | off", "what others see beside your name", async (argument, place) => {
    if (argument === "") throw new Misused();
    if (argument === "off") {
      await place.http.setStatus({ status: null });
      return ["your status is gone"];
    }
    const [first = "", ...rest] = argument.split(/\s+/);
    const emoji = EMOJI.test(first) ? first : undefined;
    const text = emoji === undefined ? argument : rest.join(" ");
    const { status } = await place.http.setStatus({ status: { emoji, text: text === "" ? undefined : text } });
    return [`your status: ${statusText(status)}; ${place.spell("status", "off")} takes it away`];
  }),
  away: anywhere("", "show that you are away", (argument, place) => setAway(argument, place, true)),
  back: anywhere("", "show that you are back", (argument, place) => setAway(argument, place, false)),
  invitations: anywhere("", "rooms that you are invited to", async (argument, place) => {
    nothing(argument);
    const all = await place.http.invites.invitations();
    if (all.length === 0) return ["nobody has invited you"];
    return all.map(
      ({ name, by }) => `${name}, by ${by.username}: ${place.spell("accept", name)} or ${place.spell("decline", name)}`,
    );
  }),
  accept: anywhere("ROOM", "accept an invitation", async (argument, place) => {
    const { room } = await invitationTo(argument, place);
    await place.enter(await place.http.invites.accept(room));
    return [];
  }),
  decline: anywhere("ROOM", "decline an invitation", async (argument, place) => {
    const { room, name } = await invitationTo(argument, place);
    await place.http.invites.decline(room);
    return [`you declined the invitation to ${name}`];
  }),
  use: anywhere("CODE", "join by a link or its code", async (argument, place) => {
    const code = CODE.exec(argument)?.[1];
    if (code === undefined) throw new Misused();
    await place.enter(await place.http.invites.useLink(code));
    return [];
  }),
  sessions: anywhere("", "where you are logged in", async (argument, place) => {
    nothing(argument);
    const sessions = await accountOf(place).sessions();
    return sessions.map(
      ({ id, current, usedAt, address = "", agent = "" }) =>
        `${id.slice(-SESSION_SHOWN)} ${current ? "this one" : new Date(usedAt).toLocaleString()} ${address} ${agent}`,
    );
  }),
  endsession: anywhere("SESSION | others", "end a login of yours", async (argument, place) => {
    const [name = ""] = wordsOf(argument, 1);
    if (name === "others") {
      await accountOf(place).endSessions({ isOthers: true });
      return ["all your other logins have ended"];
    }
    const found = (await accountOf(place).sessions()).find(({ id }) => id.endsWith(name));
    if (found === undefined) throw new CliError(`there is no login ${name}. ${place.spell("sessions")} lists them`);
    await accountOf(place).endSession(found.id);
    return ["that login has ended"];
  }),
};

async function setAway(argument: string, { http, spell }: Parameters<Act["run"]>[1], away: boolean): Promise<string[]> {
  nothing(argument);
  await http.setStatus({ away });
  return [away ? `you are shown as away; ${spell("back")} ends it` : "you are not shown as away any more"];
}

async function invitationTo(argument: string, { http, spell }: Parameters<Act["run"]>[1]) {
  if (argument === "") throw new Misused();
  const none = `nobody has invited you to ${argument}. ${spell("invitations")} lists the rooms`;
  const all = await http.invites.invitations();
  const found = findNamed(all, ({ name, room }) => (room === argument ? argument : name), argument, none);
  const alike = all.filter(({ name }) => found.room !== argument && name.toLowerCase() === found.name.toLowerCase());
  if (alike.length <= 1) return found;
  // Names of private rooms are not unique, so two invitations can carry one name.
  const ids = alike.map(({ room, by }) => `${room} by ${by.username}`).join(", ");
  throw new CliError(`several rooms are called ${found.name}; say which, by its id: ${ids}`);
}

function personLine(name: string, person: Person | undefined): string {
  const dot = person?.online !== true ? "○" : person.away ? "◐" : "●";
  const seen = person?.online === false && person.lastSeen !== undefined ? ` last seen ${ago(person.lastSeen)}` : "";
  const away = person?.online === true && person.away ? " away" : "";
  const status = person?.status === undefined ? "" : ` ${statusText(person.status)}`;
  return `${dot} ${name}${away}${seen}${status}`;
}

function profileLines({ username, isGuest, displayName, timeZone, about }: PublicProfile, person?: Person): string[] {
  return [
    personLine(username, person),
    ...(isGuest ? ["a guest"] : []),
    ...(displayName === undefined ? [] : [`name: ${displayName}`]),
    ...(timeZone === undefined ? [] : [`zone: ${timeZone}`]),
    ...(about ?? "").split("\n").filter((line) => line !== ""),
  ];
}

function ago(at: number): string {
  const minutes = Math.round((Date.now() - at) / MINUTE_MS);
  const hours = Math.round(minutes / 60);
  if (minutes < FEW_MINUTES) return "a few minutes ago";
  if (minutes < 60) return `${minutes} min ago`;
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}

function statusText(status: Person["status"]): string {
  return [status?.emoji, status?.text].filter((part) => part !== undefined).join(" ");
}
