import { CliError, EXIT } from "./cli-error.ts";

/** Rooms of one bot. */
const ROOMS_MAX = 20;
const PARALLEL_MAX = 32;
const TIMEOUT_MAX_S = 3_600;
const TIMEOUT_DEFAULT_S = 30;
const PARALLEL_DEFAULT = 4;

export interface BotCommand {
  readonly name: "bot";
  readonly script: string;
  readonly args: readonly string[];
  readonly rooms: readonly string[];
  /** Only messages that begin with this word; undefined: every event. */
  readonly command: string | undefined;
  /** A process for each event, this many at once; undefined: one process for all. */
  readonly parallel: number | undefined;
  readonly timeoutMs: number;
}

interface Values {
  readonly room?: string[] | undefined;
  readonly command?: string | undefined;
  readonly each?: boolean | undefined;
  readonly parallel?: string | undefined;
  readonly timeout?: string | undefined;
}

/** @throws CliError usage */
export function toBotCommand([script = "", ...args]: readonly string[], values: Values): BotCommand {
  const { room: rooms = [], command, each = false } = values;
  if (script === "") throw usage("bot takes a SCRIPT");
  if (rooms.length === 0 || rooms.includes("")) throw usage("bot needs --room ROOM, once for each room");
  if (rooms.length > ROOMS_MAX) throw usage(`one bot has at most ${ROOMS_MAX} rooms`);
  if (command !== undefined && !/^\S+$/.test(command)) throw usage("--command takes one word, like /tea");
  if (values.parallel !== undefined && !each) throw usage("--parallel goes with --each");
  const parallel = each ? numberOf("--parallel", values.parallel, PARALLEL_DEFAULT, PARALLEL_MAX) : undefined;
  const timeoutMs = numberOf("--timeout", values.timeout, TIMEOUT_DEFAULT_S, TIMEOUT_MAX_S) * 1_000;
  return { name: "bot", script, args, rooms: [...new Set(rooms)], command, parallel, timeoutMs };
}

function numberOf(option: string, given: string | undefined, usual: number, most: number): number {
  const number = given === undefined ? usual : /^\d{1,6}$/.test(given) ? Number(given) : 0;
  if (number < 1 || number > most) throw usage(`${option} takes a number from 1 to ${most}`);
  return number;
}

function usage(message: string): CliError {
  return new CliError(`${message}. See: hubbub --help`, EXIT.usage);
}
