import { parseArgs } from "node:util";

/** The names that each act takes, in their order. In brackets: may be missing. */
const ACTS = {
  users: [],
  user: ["NAME"],
  rooms: [],
  room: ["ROOM"],
  grant: ["NAME", "ROLE"],
  "revoke-role": ["NAME", "[ROLE]"],
  suspend: ["NAME"],
  unsuspend: ["NAME"],
  blocks: ["NAME"],
  announce: ["NAME", "TEXT"],
  audit: [],
  reports: [],
  "report-close": ["REPORT", "STATE"],
  unban: ["ROOM", "NAME"],
  "room-role": ["ROOM", "NAME", "ROLE"],
  "room-archive": ["ROOM"],
  "room-unarchive": ["ROOM"],
  "room-delete": ["ROOM"],
  "room-restore": ["ROOM"],
} as const;

export type Act = keyof typeof ACTS;

const OPTIONS = {
  json: { type: "boolean" },
  unmasked: { type: "boolean" },
  search: { type: "string" },
  suspended: { type: "boolean" },
  until: { type: "string" },
  reason: { type: "string" },
  actor: { type: "string" },
  subject: { type: "string" },
  room: { type: "string" },
  act: { type: "string" },
  since: { type: "string" },
  open: { type: "boolean" },
  closed: { type: "boolean" },
} as const;

type Option = keyof typeof OPTIONS;

/** Besides `json` and `unmasked`, which all take. */
const TAKEN: Partial<Record<Act, readonly Option[]>> = {
  users: ["search", "suspended"],
  rooms: ["search"],
  suspend: ["until", "reason"],
  reports: ["room", "open", "closed"],
  "report-close": ["reason"],
  audit: ["actor", "subject", "room", "act", "since", "until"],
};

export interface AdminArguments {
  readonly act: Act;
  readonly names: readonly string[];
  readonly isJson: boolean;
  readonly isMasked: boolean;
  /** As typed. */
  readonly options: {
    readonly search?: string | undefined;
    readonly suspended?: boolean | undefined;
    readonly until?: string | undefined;
    readonly reason?: string | undefined;
    readonly actor?: string | undefined;
    readonly subject?: string | undefined;
    readonly room?: string | undefined;
    readonly act?: string | undefined;
    readonly since?: string | undefined;
    readonly closed?: boolean | undefined;
  };
}

/** null: not what the command takes. */
export function parseAdminArguments(args: readonly string[]): AdminArguments | null {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const [act = "", ...names] = positionals;
    if (!isAct(act)) return null;
    const wanted: readonly string[] = ACTS[act];
    const least = wanted.filter((name) => !name.startsWith("[")).length;
    if (names.length < least || names.length > wanted.length) return null;
    const { json = false, unmasked = false, ...options } = values;
    const taken: readonly string[] = TAKEN[act] ?? [];
    if (Object.keys(options).some((option) => !taken.includes(option))) return null;
    return { act, names, isJson: json, isMasked: !unmasked, options };
  } catch {
    return null;
  }
}

function isAct(text: string): text is Act {
  return Object.hasOwn(ACTS, text);
}

export const ADMIN_USAGE = `usage: hubbub admin ACT … [--json] [--unmasked]

  users [--search TEXT] [--suspended]    users by a part of their name, in the order of their sign-up
  user NAME                              one user: sessions, personal tokens, second factors, rooms
  rooms [--search TEXT]                  all rooms, private and deleted ones too
  room ROOM                              one room: settings, members, bans
  blocks NAME                            the users that a user has blocked
  announce NAME TEXT                     tell everybody something; NAME: who says it, an account with the server role admin
  audit [--actor NAME] [--subject NAME] [--room ROOM] [--act ACT] [--since TIME] [--until TIME]
                                         who did what to whom, the newest first. NAME: also operator, system. TIME: 7d is seven
                                         days ago
  reports [--room ROOM] [--open | --closed]
                                         reported messages, the oldest first; of direct rooms too, which have no moderators
  report-close REPORT dismissed|acted [--reason TEXT]
                                         close a report, or decide a closed one anew; REPORT is its id
  grant NAME support|admin               give a server role: support looks, suspends and works on reports; admin may do all
  revoke-role NAME [ROLE]                take the server role away
  suspend NAME [--until TIME] [--reason TEXT]
                                         end all sessions and refuse logins and personal tokens. TIME: 30m, 12h, 7d, 2027-01-31
                                         or 2027-01-31T12:00Z; without it there is no end. The user reads the reason
  unsuspend NAME                         end the suspension
  unban ROOM NAME                        end a ban
  room-role ROOM NAME ROLE               make a member guest, member, moderator, admin or owner, for example when the owner is lost
  room-archive ROOM, room-unarchive ROOM everybody reads and nobody writes, or not any more
  room-delete ROOM, room-restore ROOM    nobody finds the room any more; it comes back until it is erased after 7 days

ROOM is a name or an id. --json prints an object a line. E-mail addresses and addresses of clients are masked without
--unmasked. The commands work on REDIS_URL and DATABASE_URL, or without both on DATA_DIR while no server runs there; announce
needs the former.
`;
