import type { Member, PublicUser, Role, Room } from "@hubbub/protocol";
import type { App } from "../../model/app.ts";
import type { Chat } from "../../model/chat.ts";
import { actsOn } from "../../model/member-acts.ts";
import type { MenuRow, Overlays } from "../overlay/overlays.ts";

const HOUR_S = 3_600;
const ROLE_WORDS: Readonly<Record<Role, string>> = {
  guest: "Make a guest of the room",
  member: "Make a member",
  moderator: "Make a moderator",
  admin: "Make an admin",
  owner: "Make an owner",
};

export interface PersonPlace {
  readonly app: App;
  readonly overlays: Overlays;
  readonly room: Room;
  /** What was done may have changed who is in the room. */
  changed?(): void;
}

type Work = Parameters<Chat["do"]>[0];

/** What can be done with somebody else. The role is known in the list of members only. */
export function openPersonMenu(
  user: PublicUser,
  role: Member["role"] | undefined,
  anchor: HTMLElement,
  place: PersonPlace,
): void {
  const { app, overlays } = place;
  const { username } = user;
  const rows = role === undefined ? [] : actRows(user, role, place);
  overlays.openMenu(anchor, [
    { label: "Profile", act: () => overlays.openSheet({ kind: "person", user }) },
    {
      label: `Message ${username}`,
      act: () => void app.chat?.message([username]).then(overlays.closeSheet.bind(overlays), reportError),
    },
    ...rows,
    { label: `Block ${username}`, isDanger: true, act: () => void block(user, place).catch(reportError) },
  ]);
}

function actRows({ id, username }: PublicUser, role: Role, place: PersonPlace): MenuRow[] {
  const { app, overlays, room, changed } = place;
  const acts = actsOn(room.role, role, room.settings?.permissions);
  const run = async (work: Work): Promise<void> => {
    await app.chat?.do(work);
    changed?.();
  };
  const row = (label: string, work: Work, isDanger = false): MenuRow => ({
    label,
    isDanger,
    act: () => void run(work).catch(reportError),
  });
  const sure = (label: string, question: string, work: Work): MenuRow => ({
    label,
    isDanger: true,
    act: () => void overlays.ask(question, label).then((isSure) => (isSure ? run(work) : undefined), reportError),
  });
  const restrict = async (act: "mute" | "ban"): Promise<void> => {
    const wanted = await overlays.askRestriction(act, username);
    if (wanted === undefined) return;
    const { seconds, reason } = wanted;
    await run(({ moderation }) =>
      act === "mute"
        ? moderation.mute(room.id, id, seconds ?? HOUR_S)
        : moderation.ban(room.id, id, { seconds, ...(reason === "" ? {} : { reason }) }),
    );
  };
  const asked = (act: "mute" | "ban", label: string): MenuRow => ({
    label,
    isDanger: act === "ban",
    act: () => void restrict(act).catch(reportError),
  });
  return [
    ...acts.roles.map((wanted) => row(ROLE_WORDS[wanted], (http) => http.setRole(room.id, id, wanted))),
    ...(acts.mute ? [asked("mute", "Mute…")] : []),
    ...(acts.mute ? [row("End the mute", (http) => http.moderation.unmute(room.id, id))] : []),
    ...(acts.kick
      ? [
          sure("Remove", `Remove ${username} from the room? An invitation lets them back in.`, (http) =>
            http.removeMember(room.id, id),
          ),
        ]
      : []),
    ...(acts.ban ? [asked("ban", "Ban…")] : []),
  ];
}

async function block({ id, username }: PublicUser, { app, overlays, changed }: PersonPlace): Promise<void> {
  const question = `Block ${username}? Their direct messages, mentions and invitations do not reach you any more.`;
  if (!(await overlays.ask(question, "Block"))) return;
  const isDone = await app.chat?.do(async (_, account) => account.block(id).then(() => true));
  if (isDone) app.chat?.notice(`${username} is blocked. Your name below the rooms has the list.`);
  changed?.();
}
