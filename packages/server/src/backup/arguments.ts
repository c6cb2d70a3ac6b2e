import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { parseWanted, type Wanted } from "@hubbub/backup";

export interface BackupArguments {
  readonly act: "now" | "list" | "check" | "ledger";
  readonly isJson: boolean;
  /** Every backup, and not the newest alone. */
  readonly isAll: boolean;
}

export interface RestoreArguments {
  readonly from: string;
  readonly to: Wanted;
  readonly into: string;
  readonly discardNewer: boolean;
  readonly withoutKeys: boolean;
  readonly skipDamaged: boolean;
  readonly identity: string | undefined;
  readonly ledger: string | undefined;
  /** Of a cluster: what the old log in Redis has is offered again. */
  readonly keepLog: boolean;
  readonly keepSessions: boolean;
}

export interface DrillArguments {
  /** undefined: every target of BACKUP_TARGETS. */
  readonly from: string | undefined;
  readonly to: Wanted;
  readonly identity: string | undefined;
  /** Where the copy is made, and removed again. */
  readonly directory: string;
}

const ACTS = ["now", "list", "check", "ledger"] as const;

export const BACKUP_USAGE = `usage: hubbub backup now                take a backup, and give it to every target of BACKUP_TARGETS
       hubbub backup list [--json]      the backups of every target
       hubbub backup check [--all]      read the newest backup of each target and compare its hashes; --all: every one
       hubbub backup ledger             what a restore must not give back (erasures, removals, bans), an object a line
       hubbub restore --from TARGET --into DIR [--to latest|TIME|ID]
                                        a backup into an empty directory. It refuses, with numbers, when something newer
                                        would be thrown away. --discard-newer, --without-keys, --skip-damaged, --identity FILE,
                                        --ledger FILE; as adopt has them: --keep-sessions, of a cluster --keep-log
       hubbub drill restore [--from TARGET] [--to latest|TIME|ID] [--directory DIR] [--identity FILE]
                                        restores the newest backup of every target, or of TARGET, into a new directory below
                                        DIR (TMPDIR) beside what runs, verifies it, compares it with what runs, and removes it.
                                        Ends with 0 clean, 1 faults, 2 could not be tried

TARGET is file:/absolute/path, s3:https://host/bucket/folder, or the number of one in BACKUP_TARGETS. A cluster is named by
REDIS_URL and DATABASE_URL, an embedded server by DATA_DIR.
`;

/** null: not what the command takes. */
export function parseBackupArguments(args: readonly string[]): BackupArguments | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { json: { type: "boolean" }, all: { type: "boolean" } },
      allowPositionals: true,
    });
    const act = ACTS.find((one) => one === positionals[0]);
    if (act === undefined || positionals.length !== 1) return null;
    return { act, isJson: values.json ?? false, isAll: values.all ?? false };
  } catch {
    return null;
  }
}

const RESTORE_OPTIONS = {
  from: { type: "string" },
  to: { type: "string", default: "latest" },
  into: { type: "string" },
  "discard-newer": { type: "boolean", default: false },
  "without-keys": { type: "boolean", default: false },
  "skip-damaged": { type: "boolean", default: false },
  identity: { type: "string" },
  ledger: { type: "string" },
  "keep-log": { type: "boolean", default: false },
  "keep-sessions": { type: "boolean", default: false },
} as const;

/** What follows `drill`. null: not what the command takes. */
export function parseDrillArguments(args: readonly string[]): DrillArguments | null {
  try {
    const { from, to, identity } = RESTORE_OPTIONS;
    const options = { from, to, identity, directory: { type: "string", default: tmpdir() } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const wanted = parseWanted(values.to);
    if (positionals.join() !== "restore" || wanted === null) return null;
    return { from: values.from, to: wanted, identity: values.identity, directory: values.directory };
  } catch {
    return null;
  }
}

/** null: not what the command takes. */
export function parseRestoreArguments(args: readonly string[]): RestoreArguments | null {
  try {
    const { values } = parseArgs({ args: [...args], options: RESTORE_OPTIONS });
    const { from, into, identity, ledger } = values;
    const to = parseWanted(values.to);
    if (from === undefined || into === undefined || to === null) return null;
    return {
      ...{ from, to, into, identity, ledger, discardNewer: values["discard-newer"] },
      ...{ withoutKeys: values["without-keys"], skipDamaged: values["skip-damaged"], keepLog: values["keep-log"] },
      keepSessions: values["keep-sessions"],
    };
  } catch {
    return null;
  }
}
