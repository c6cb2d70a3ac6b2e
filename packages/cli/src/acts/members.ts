import type { HubbubHttp } from "@hubbub/client";
import { ROLES, type Role, type RoomId } from "@hubbub/protocol";
import { CliError } from "../cli-error.ts";
import {
  type Act,
  findMember,
  findNamed,
  findPerson,
  inRoom,
  Misused,
  nothing,
  type RoomPlace,
  secondsOf,
  wordsOf,
} from "./act.ts";

const MUTE_DEFAULT = "1h";
const DAY_MS = 86_400_000;
/** Pages of bans that are listed. */
const BAN_PAGES_MAX = 10;

/** Commands about the members of a room and their rights. */
export const MEMBER_ACTS: Readonly<Record<string, Act>> = {
  invite: inRoom("NAME", "invite somebody, who accepts or declines", async (argument, { http, room }) => {
    const [name = ""] = wordsOf(argument, 1);
    await http.invites.inviteUser(room.id, name);
    return [`${name} is invited to ${room.name}`];
  }),
  add: inRoom("NAME", "for admins: bring somebody in without asking", async (argument, { http, room }) => {
    const { user, role } = await http.addMember(room.id, wordsOf(argument, 1)[0] ?? "");
    return [`${user.username} is ${withArticle(role)} of the room`];
  }),
  link: inRoom(
    "[7d] [10x] [guest]",
    "make a link into the room, with its end, uses and role",
    async (argument, place) => {
      const words = wordsOf(argument, 3, 0);
      const isUsed = (word: string): boolean => secondsOf(word) !== undefined || /^\d{1,4}x$|^guest$/.test(word);
      if (!words.every(isUsed)) throw new Misused();
      const uses = words.find((word) => word.endsWith("x"))?.slice(0, -1);
      const link = await place.http.invites.createLink(place.room.id, {
        seconds: words.map((word) => secondsOf(word)).find((one) => one !== undefined),
        uses: uses === undefined ? undefined : Number(uses),
        ...(words.includes("guest") ? { role: "guest" } : {}),
      });
      const end = `${link.usesLeft} uses until ${new Date(link.expiresAt).toLocaleString()}`;
      return [
        `${place.server}/#invite=${link.code}`,
        `or ${place.spell("use", link.code)}: ${end}. It is shown only now`,
      ];
    },
  ),
  links: inRoom("", "the links that can be used", async (argument, { http, room, spell }) => {
    nothing(argument);
    const links = await http.invites.links(room.id);
    if (links.length === 0) return [`there is no link into this room; ${spell("link")} makes one`];
    return links.map(({ id, role, usesLeft, expiresAt }) => {
      const days = Math.ceil((expiresAt - Date.now()) / DAY_MS);
      return `${id}  ${role}, ${usesLeft} uses in ${days} ${days === 1 ? "day" : "days"}: ${spell("unlink", id)}`;
    });
  }),
  unlink: inRoom("LINK", "revoke a link", async (argument, { http, room }) => {
    await http.invites.revokeLink(room.id, wordsOf(argument, 1)[0] ?? "");
    return ["the link leads nowhere any more"];
  }),
  role: inRoom(`NAME ${ROLES.join("|")}`, "change what a member may do", async (argument, place) => {
    const [name = "", wanted = ""] = wordsOf(argument, 2);
    return setRole(place, name, wanted);
  }),
  owner: inRoom("NAME", "for owners: make a member an owner; to hand over, leave then", (argument, place) =>
    setRole(place, wordsOf(argument, 1)[0] ?? "", "owner"),
  ),
  member: inRoom("NAME", "make an owner, admin, moderator or guest a member", (argument, place) =>
    setRole(place, wordsOf(argument, 1)[0] ?? "", "member"),
  ),
  kick: inRoom("NAME", "remove a member, who comes back only by an invitation", async (argument, place) => {
    const { http, room, spell } = place;
    const { user } = await findMember(place, wordsOf(argument, 1)[0] ?? "");
    await http.removeMember(room.id, user.id);
    return [`${user.username} was removed; ${spell("invite", user.username)} lets them back in`];
  }),
  ban: inRoom(
    "NAME [1d] [REASON]",
    "remove somebody and keep them out, for a time or for ever",
    async (argument, place) => {
      const [name = "", second, rest] = wordsOf(argument, 3, 1);
      const seconds = secondsOf(second);
      const words = seconds === undefined ? [second, rest] : [rest];
      const reason = words.filter((word) => word !== undefined).join(" ");
      const { id, username } = await findPerson(place, name);
      await place.http.moderation.ban(place.room.id, id, { seconds, ...(reason === "" ? {} : { reason }) });
      const time = seconds === undefined ? "" : ` for ${second}`;
      return [`${username} is banned${time}; ${place.spell("unban", username)} ends it`];
    },
  ),
  unban: inRoom("NAME", "end a ban", async (argument, { http, room, spell }) => {
    const [name = ""] = wordsOf(argument, 1);
    const { user } = findNamed(
      await allBans(http, room.id),
      (ban) => ban.user.username,
      name,
      `${name} is not banned here. ${spell("bans")} lists who is`,
    );
    await http.moderation.unban(room.id, user.id);
    return [`${user.username} is not banned any more; ${spell("invite", user.username)} lets them back in`];
  }),
  bans: inRoom("", "who is banned, and why", async (argument, { http, room }) => {
    nothing(argument);
    const bans = await allBans(http, room.id);
    if (bans.length === 0) return ["nobody is banned here"];
    return bans.map(({ user, reason, until }) => {
      const end = until === undefined ? "for ever" : `until ${new Date(until).toLocaleString()}`;
      return `${user.username} ${end}${reason === "" ? "" : `: ${reason}`}`;
    });
  }),
  mute: inRoom("NAME [10m]", "let a member only read for a time, an hour if none is given", async (argument, place) => {
    const [name = "", time = MUTE_DEFAULT] = wordsOf(argument, 2, 1);
    const seconds = secondsOf(time);
    if (seconds === undefined) throw new Misused();
    const { user } = await findMember(place, name);
    await place.http.moderation.mute(place.room.id, user.id, seconds);
    return [`${user.username} can only read for ${time}; ${place.spell("unmute", user.username)} ends it`];
  }),
  unmute: inRoom("NAME", "let a member write again", async (argument, place) => {
    const { http, room } = place;
    const { user } = await findMember(place, wordsOf(argument, 1)[0] ?? "");
    await http.moderation.unmute(room.id, user.id);
    return [`${user.username} can write again`];
  }),
};

async function setRole(place: RoomPlace, name: string, wanted: string): Promise<string[]> {
  const role = ROLES.find((one) => one === wanted);
  if (role === undefined) throw new CliError(`there is no role ${wanted}: take one of ${ROLES.join(", ")}`);
  const { user } = await findMember(place, name);
  await place.http.setRole(place.room.id, user.id, role);
  return [`${user.username} is ${withArticle(role)} now`];
}

function withArticle(role: Role): string {
  return `${/^[ao]/.test(role) ? "an" : "a"} ${role}`;
}

async function allBans(http: HubbubHttp, room: RoomId) {
  const first = await http.moderation.bans(room);
  const bans = [...first.bans];
  let { cursor } = first;
  for (let page = 1; page < BAN_PAGES_MAX && cursor !== undefined; page += 1) {
    const next = await http.moderation.bans(room, cursor);
    bans.push(...next.bans);
    cursor = next.cursor;
  }
  return bans;
}
