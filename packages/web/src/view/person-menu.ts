import type { Member, PublicUser, Role, Room } from "@hubbub/protocol";
import type { App } from "../app.ts";
import { actsOn } from "../member-acts.ts";
import { menuRow, openMenu } from "./menu.ts";
import { ask } from "./question.ts";

const HOUR_S = 3_600;
const DAY_S = 86_400;
const ROLE_WORDS: Readonly<Record<Role, string>> = {
  guest: "Make a guest of the room",
  member: "Make a member",
  moderator: "Make a moderator",
  admin: "Make an admin",
  owner: "Make an owner",
};

export interface PersonPlace {
  readonly app: App;
  readonly room: Room;
  /** What was done may have changed who is in the room. */
  changed(): void;
}

/** What can be done with somebody else. The role is known in the list of members only. */
export function openPersonMenu(
  user: PublicUser,
  role: Member["role"] | undefined,
  anchor: HTMLElement,
  place: PersonPlace,
): void {
  const { app, room } = place;
  const chat = app.chat;
  if (chat === undefined) return;
  const { id, username } = user;
  const acts = role === undefined ? undefined : actsOn(room.role, role, room.settings?.permissions);
  const row = (label: string, work: Parameters<typeof chat.do>[0], className = ""): HTMLElement =>
    menuRow(label, () => chat.do(work).then(place.changed, reportError), className);
  const sure = (label: string, question: string, work: Parameters<typeof chat.do>[0]): HTMLElement =>
    menuRow(
      label,
      () => {
        ask(question, label).then((isSure) => (isSure ? chat.do(work).then(place.changed) : undefined), reportError);
      },
      "danger",
    );
  openMenu(anchor, [
    menuRow(`Message ${username}`, () => openDirect(place, username)),
    ...(acts?.roles ?? []).map((wanted) => row(ROLE_WORDS[wanted], (http) => http.setRole(room.id, id, wanted))),
    ...(acts?.mute ? [row("Mute for an hour", (http) => http.moderation.mute(room.id, id, HOUR_S))] : []),
    ...(acts?.mute ? [row("End the mute", (http) => http.moderation.unmute(room.id, id))] : []),
    ...(acts?.kick
      ? [
          sure("Remove", `Remove ${username} from the room? An invitation lets them back in.`, (http) =>
            http.removeMember(room.id, id),
          ),
        ]
      : []),
    ...(acts?.ban
      ? [row("Ban for a day", (http) => http.moderation.ban(room.id, id, { seconds: DAY_S }), "danger")]
      : []),
    ...(acts?.ban
      ? [sure("Ban for ever", `Ban ${username} from this room for ever?`, (http) => http.moderation.ban(room.id, id))]
      : []),
    menuRow(`Block ${username}`, () => block(place, user), "danger"),
  ]);
}

function openDirect({ app }: PersonPlace, username: string): void {
  app.chat?.message([username]).catch(reportError);
}

function block({ app, changed }: PersonPlace, { id, username }: PublicUser): void {
  const question = `Block ${username}? Their direct messages, mentions and invitations do not reach you any more.`;
  const work = async (): Promise<void> => {
    if (!(await ask(question, "Block"))) return;
    const isDone = await app.chat?.do(async (_, account) => account.block(id).then(() => true));
    if (isDone) app.chat?.notice(`${username} is blocked. Your name above the rooms has the list.`);
    changed();
  };
  work().catch(reportError);
}
