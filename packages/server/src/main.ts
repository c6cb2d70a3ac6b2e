import "./check-native.ts";
import { existsSync } from "node:fs";
import { makeIdentity } from "@hubbub/backup";
import { harmlessJson } from "@hubbub/protocol";
import { ConfigError, createLogger, run, startWatchdog } from "@hubbub/runtime";
import { OlderNodesRun, type Store } from "@hubbub/store";
import { ADMIN_USAGE, parseAdminArguments } from "./admin/arguments.ts";
import { adminCommand } from "./admin/command.ts";
import { openAdminParts } from "./admin/parts.ts";
import { adopt, parseAdoptArguments } from "./adopt.ts";
import { auditConfigCommand } from "./audit-config/audit-command.ts";
import { BACKUP_USAGE, parseBackupArguments, parseDrillArguments, parseRestoreArguments } from "./backup/arguments.ts";
import { backupCommand } from "./backup/backup-command.ts";
import { drillCommand } from "./backup/drill-command.ts";
import { restoreCommand } from "./backup/restore-command.ts";
import { welcome } from "./banner.ts";
import { DOCTOR_USAGE, parseDoctorArguments } from "./doctor/arguments.ts";
import { doctorCommand } from "./doctor/doctor-command.ts";
import { eraseCommand, parseEraseArguments } from "./erase-command.ts";
import { explain } from "./explain.ts";
import { changeKeys } from "./keys-command.ts";
import { createClusterStore } from "./parts.ts";
import { plainConnections } from "./plain-connections.ts";
import { PLAN_USAGE, parsePlanArguments } from "./plan/load.ts";
import { planCommand, thisMachine } from "./plan/plan-command.ts";
import { parseSearchIndexArguments, searchIndexCommand } from "./search-index-command.ts";
import { startServer } from "./server.ts";
import { parseSessionsArguments, sessionsCommand } from "./sessions-command.ts";
import { parseSettings, readSettings, type Settings } from "./settings.ts";
import { parseTraceArguments, type TraceArguments, traceCommand } from "./trace/trace-command.ts";
import { unknownSettings } from "./unknown-settings.ts";
import { parseVerifyArguments, VERIFY_EXIT, verifyCommand } from "./verify-command.ts";
import { parseZoneArguments, ZONE_USAGE } from "./zone/arguments.ts";
import { zoneCommand } from "./zone/zone-command.ts";

const USAGE = `usage: node packages/server/dist/main.js [command]

  (none)          serve: the roles of ROLES, embedded unless REDIS_URL and DATABASE_URL are set
  migrate         bring the schema of DATABASE_URL up to date; any number may run at once
  dead-letters    what the writer could not store, newest first, a JSON object a line
  verify          check every room, and Redis against Postgres, while the cluster runs; changes nothing.
                  --room ID one room, --json for programs. Ends with 0 clean, 1 faults, 2 could not be checked.
                  --chain FILE checks the exported chain of a room, and needs nothing but the file
  trace ROOM SEQ  the path of one message, and where each millisecond went: --ask HOST:OPS_PORT,… names processes (a name may
                  have many addresses), --json for programs. Processes trace one event of TRACE_EVERY
  sessions        --user NAME lists the sessions of a user, a JSON object a line; with --end it ends them all, and
                  revokes the personal access tokens; --reset-second-factor lets a user in who lost theirs
  erase           --user NAME erases a user for good; --ledger prints the erasures that were ever asked for, a JSON object a
                  line: keep it outside of the database; --replay FILE does them again, after a restore
  admin           accounts, rooms and moderation for operators: roles, suspensions, lists. Without more it tells what it can do
  search-index    how far the index of search is. Adds the extension pg_trgm and its index where they are missing, which needs
                  the rights of migrate; --rebuild reads all messages once more while search goes on
  adopt           after DATABASE_URL was restored from a backup, with every process stopped: begin a new generation, so
                  that no number is used twice and every client is told. Ends all sessions. --reason TEXT for the
                  record, --keep-sessions; --keep-log: what the log in Redis holds and the database lacks is offered
                  again, under the same ids
  backup          now, list, check: copies of everything in the targets of BACKUP_TARGETS. Without more it tells what it can do
  backup-key FILE make a secret key that opens sealed backups, and print its public key for BACKUP_RECIPIENTS
  restore         --from TARGET --into DIR: a backup into an empty directory, adopted and verified
  drill restore   the newest backup of every target, restored beside what runs, verified, compared and removed
  doctor          is this going to hold? Checks Redis, Postgres, disks, certificates, backups and processes, and changes nothing.
                  --json for programs; --nginx FILE. Ends with 0 no fault, 1 faults, 2 could not be checked
  audit-config    may it be so? Checks settings and rights, and names requirements of ASVS, GDPR and HIPAA. --json
  plan            --online N --rooms N --per-second N: processes, memory, disk and network that a load needs; asks no server
  drain           --zone ZONE [--undo]: the processes with this ZONE give up their work and keep running, or serve again. Shows
                  how far it is
  rebalance       gateways far above the mean ask connections to move: so new gateways fill. [--max-move PERCENT]
  keys FILE       make the file of signing keys if it is missing
  keys FILE --add, --promote [KID], --remove [KID]
                  rotate: add a key that verifies, restart all; make it sign, restart all; take the old one out

Settings come from the environment; .env.example lists them all.
`;

const ENV_FILE = ".env";
/** What this process writes is for its account alone. */
const OWNER_ONLY_UMASK = 0o077;
/** Commands that end with 1 when they find a fault, so with 2 when they cannot look. */
const CHECKING = ["verify", "doctor", "audit-config", "drill"];
const BACKUP_COMMANDS: readonly string[] = ["backup", "restore", "drill"];
const DEAD_LETTERS_SHOWN = 1_000;

async function main(args: readonly string[]): Promise<void> {
  process.umask(OWNER_ONLY_UMASK);
  if (existsSync(ENV_FILE)) process.loadEnvFile(ENV_FILE);
  const [command, file, option] = args;
  if (command === undefined) return serve();
  if (command === "help" || args.includes("--help")) return void process.stdout.write(USAGE);
  if (command === "admin") return administrate(args.slice(1));
  if (BACKUP_COMMANDS.includes(command)) return keepOrRestore(command, args.slice(1));
  if (command === "doctor" || command === "audit-config") return lookOver(command, args.slice(1));
  if (command === "plan") return plan(args.slice(1));
  if (command === "drain" || command === "rebalance") return moveAway(command, args.slice(1));
  if (command === "migrate" && args.length === 1) return withStore(migrate);
  if (command === "dead-letters" && args.length === 1) return withStore(printDeadLetters);
  const adopting = command === "adopt" ? parseAdoptArguments(args.slice(1)) : null;
  if (adopting !== null) return withStore((store, settings) => adopt(store, settings, adopting));
  const indexing = command === "search-index" ? parseSearchIndexArguments(args.slice(1)) : null;
  if (indexing !== null)
    return withStore(async (store) => void process.stdout.write(await searchIndexCommand(store, indexing)));
  const erasing = command === "erase" ? parseEraseArguments(args.slice(1)) : null;
  if (erasing !== null)
    return withStore((store) => eraseCommand(store, erasing, (text) => void process.stdout.write(text)));
  const asking = command === "sessions" ? parseSessionsArguments(args.slice(1)) : null;
  if (asking !== null)
    return withStore(async (store) => void process.stdout.write(await sessionsCommand(store, asking)));
  const verifying = command === "verify" ? parseVerifyArguments(args.slice(1)) : null;
  if (verifying !== null) {
    process.exitCode = await verifyCommand(parseSettings(process.env), verifying, process);
    return;
  }
  const tracing = command === "trace" ? parseTraceArguments(args.slice(1)) : null;
  if (tracing !== null) return printPath(tracing);
  if (command === "backup-key" && file !== undefined && args.length === 2) {
    process.stdout.write(`${await makeIdentity(file)}\n`);
    return;
  }
  if (command === "keys" && file !== undefined && !file.startsWith("-")) {
    const done = await changeKeys(file, option, args[3]);
    if (done !== null) {
      process.stdout.write(done);
      return;
    }
  }
  process.stderr.write(USAGE);
  process.exitCode = 2;
}

async function serve(): Promise<void> {
  const { settings, embedded } = readSettings(process.env);
  const log = createLogger({ level: settings.LOG_LEVEL ?? (embedded ? "warn" : "info"), node: settings.NODE_NAME });
  for (const sentence of unknownSettings(process.env)) process.stderr.write(`${sentence}\n`);
  if (settings.PLAIN_CONNECTIONS === "warn") for (const sentence of plainConnections(settings)) log.warn(sentence);
  // Embedded, Postgres itself runs on the event loop, and nobody would start the process again.
  if (!embedded && settings.WATCHDOG_MS > 0) startWatchdog(settings.WATCHDOG_MS);
  if (embedded) process.stdout.write("Hubbub is starting (the first time takes a few seconds) …\n");
  const start = async () => {
    const server = await startServer(settings, embedded, log);
    if (embedded) process.stdout.write(welcome(settings, server.port));
    return server;
  };
  await run(start, log, settings.DRAIN_DEADLINE_MS);
}

async function administrate(args: readonly string[]): Promise<void> {
  const asked = parseAdminArguments(args);
  if (asked === null) {
    process.stderr.write(ADMIN_USAGE);
    process.exitCode = 2;
    return;
  }
  // A reader that has seen enough, such as head.
  process.stdout.on("error", () => process.exit());
  await using parts = await openAdminParts(parseSettings(process.env));
  await adminCommand(parts, asked, (text) => void process.stdout.write(text));
}

async function keepOrRestore(command: string, args: readonly string[]): Promise<void> {
  const settings = () => parseSettings(process.env);
  const print = (text: string) => void process.stdout.write(text);
  // A reader that has seen enough, such as head, ends neither a backup nor a restore.
  process.stdout.on("error", () => undefined);
  const backup = command === "backup" ? parseBackupArguments(args) : null;
  const restoring = command === "restore" ? parseRestoreArguments(args) : null;
  const drilling = command === "drill" ? parseDrillArguments(args) : null;
  if (backup !== null) process.exitCode = await backupCommand(settings(), backup, print);
  else if (restoring !== null) process.exitCode = await restoreCommand(settings(), restoring, process);
  else if (drilling !== null) process.exitCode = await drillCommand(settings(), drilling, process);
  else {
    process.stderr.write(BACKUP_USAGE);
    process.exitCode = 2;
  }
}

async function lookOver(command: "doctor" | "audit-config", args: readonly string[]): Promise<void> {
  const asked = parseDoctorArguments(command, args);
  if (asked === null) {
    process.stderr.write(DOCTOR_USAGE);
    process.exitCode = 2;
    return;
  }
  const settings = parseSettings(process.env);
  const print = (text: string) => void process.stdout.write(text);
  process.exitCode =
    command === "doctor"
      ? await doctorCommand(settings, asked, print)
      : await auditConfigCommand({ settings, env: process.env }, asked, print);
}

async function plan(args: readonly string[]): Promise<void> {
  const asked = parsePlanArguments(args, thisMachine());
  if (asked === null) {
    process.stderr.write(PLAN_USAGE);
    process.exitCode = 2;
  } else process.stdout.write(await planCommand(parseSettings(process.env), asked));
}

async function moveAway(command: "drain" | "rebalance", args: readonly string[]): Promise<void> {
  const asked = parseZoneArguments(command, args);
  if (asked === null) {
    process.stderr.write(ZONE_USAGE);
    process.exitCode = 2;
    return;
  }
  const print = (text: string) => void process.stdout.write(text);
  await withStore(async ({ nodes }) => {
    process.exitCode = await zoneCommand(nodes, asked, { print });
  });
}

async function printPath(asked: TraceArguments): Promise<void> {
  const print = (text: string) => void process.stdout.write(text);
  process.exitCode = await traceCommand(parseSettings(process.env), asked, print);
}

async function withStore(work: (store: Store, settings: Settings) => Promise<void>): Promise<void> {
  const settings = parseSettings(process.env);
  if (settings.DATABASE_URL === undefined)
    throw new ConfigError(["DATABASE_URL is missing: it names the database to work on"]);
  const store = createClusterStore(settings, settings.DATABASE_URL);
  try {
    await work(store, settings);
  } finally {
    await store[Symbol.asyncDispose]();
  }
}

/** Ends well also when a contract waits, if processes of this build can start: they replace those that it waits for. */
async function migrate(store: Store): Promise<void> {
  try {
    await store.migrate();
  } catch (error) {
    if (!(error instanceof OlderNodesRun && error.canStart)) throw error;
    process.stderr.write(`${error.message}\n`);
  }
}

async function printDeadLetters(store: Store): Promise<void> {
  for (const letter of await store.events.deadLetters(DEAD_LETTERS_SHOWN))
    process.stdout.write(`${harmlessJson(letter)}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(CHECKING.includes(process.argv[2] ?? "") ? VERIFY_EXIT.unchecked : 1);
});
