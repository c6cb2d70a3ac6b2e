import type { Room } from "@hubbub/protocol";
import { OVERRIDABLE, REPORT_REASONS, ROLES } from "@hubbub/protocol";
import { CliError } from "../cli-error.ts";
import { type Act, type ActPlace, inRoom, Misused, nothing, secondsOf, wordsOf } from "./act.ts";
import { describeSettings } from "./describe-settings.ts";

/** The room itself. */
export const ROOM_ACTS: Readonly<Record<string, Act>> = {
  rename: inRoom("NAME", "for admins: give the room another name", async (argument, { http, room }) => {
    if (argument === "") throw new Misused();
    return [`the room is called ${(await http.rooms.change(room.id, { name: argument })).name} now`];
  }),
  topic: inRoom("TEXT | off", "for admins: say what the room is about", async (argument, { http, room }) => {
    if (argument === "") throw new Misused();
    const { topic } = await http.rooms.change(room.id, { topic: argument === "off" ? "" : argument });
    return [topic === "" ? "the room has no topic now" : `the topic is ${topic} now`];
  }),
  settings: inRoom("", "slow mode, history and permissions of the room", async (argument, { http, room }) => {
    nothing(argument);
    const { settings = {} } = await http.room(room.id);
    const lines = describeSettings(settings);
    return lines.length === 0 ? ["nothing is special here"] : lines;
  }),
  slow: inRoom("30s | off", "for admins: least time between two messages of a member", async (argument, place) => {
    const seconds = argument === "off" ? 0 : secondsOf(argument);
    if (seconds === undefined) throw new Misused();
    await place.http.rooms.slowMode(place.room.id, seconds);
    return [seconds === 0 ? "slow mode is off" : `everybody below moderator waits ${argument} between two messages`];
  }),
  newcomers: inRoom("all | joined", "for admins: what newcomers see of the past", async (argument, { http, room }) => {
    if (argument !== "all" && argument !== "joined") throw new Misused();
    await http.rooms.changeSettings(room.id, { history: argument === "all" ? null : "joined" });
    return [argument === "all" ? "newcomers see everything" : "newcomers see nothing from before they joined"];
  }),
  keeptexts: inRoom(
    "yes | no",
    "for admins: keep earlier texts of edited messages",
    async (argument, { http, room }) => {
      if (argument !== "yes" && argument !== "no") throw new Misused();
      await http.rooms.changeSettings(room.id, { keepRevisions: argument === "yes" ? null : false });
      return [argument === "yes" ? "earlier texts are kept" : "no earlier texts are kept, from the next edit on"];
    },
  ),
  permit: inRoom("PERMISSION ROLE | usual", "for admins: the weakest role that may do it", permit),
  archive: inRoom("", "for owners: everybody reads, nobody writes", async (argument, { http, room, spell }) => {
    nothing(argument);
    await http.rooms.archive(room.id);
    return [`${room.name} is archived; ${spell("unarchive")} ends it`];
  }),
  unarchive: inRoom("", "for owners: let people write again", async (argument, { http, room }) => {
    nothing(argument);
    await http.rooms.unarchive(room.id);
    return [`${room.name} is not archived any more`];
  }),
  destroy: inRoom("NAME", "for owners: delete the room; say its name to confirm", async (argument, place) => {
    const { http, room, spell } = place;
    if (argument !== room.name) throw new CliError(`to delete the room for everybody: ${spell("destroy", room.name)}`);
    await http.rooms.delete(room.id);
    return [`${room.name} is deleted; an operator can bring it back for 7 days`];
  }),
  report: inRoom(
    `#N [${REPORT_REASONS.join("|")}] [TEXT]`,
    "report a message to the moderators",
    async (argument, { http, room }) => {
      const [number = "", second = "", rest = ""] = wordsOf(argument, 3, 1);
      if (!/^#?\d{1,15}$/.test(number)) throw new Misused();
      const reason = REPORT_REASONS.find((one) => one === second);
      const text = (reason === undefined ? `${second} ${rest}` : rest).trim();
      const report = { reason: reason ?? "other", ...(text === "" ? {} : { text }) };
      await http.moderation.report(room.id, Number(number.replace("#", "")), report);
      return [`message ${number} was reported to the moderators, as it is now`];
    },
  ),
};

async function permit(argument: string, { http, room }: ActPlace & { room: Room }): Promise<string[]> {
  const [name = "", wanted = ""] = wordsOf(argument, 2);
  const permission = OVERRIDABLE.find((one) => one === name);
  const role = ROLES.find((one) => one === wanted);
  if (permission === undefined) throw new CliError(`a room may choose for ${OVERRIDABLE.join(", ")}`);
  if (role === undefined && wanted !== "usual") throw new CliError(`take one of ${ROLES.join(", ")}, or usual`);
  const { permissions = {} } = (await http.room(room.id)).settings ?? {};
  const { [permission]: _, ...others } = permissions;
  const chosen = role === undefined ? others : { ...others, [permission]: role };
  await http.rooms.changeSettings(room.id, { permissions: Object.keys(chosen).length === 0 ? null : chosen });
  return [role === undefined ? `${permission} is as usual` : `${permission}: ${role} and above`];
}
