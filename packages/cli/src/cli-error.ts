import { HubbubError } from "@hubbub/client";
import { ERRORS } from "@hubbub/protocol";
import type { Environment } from "./environment.ts";

export const EXIT = { ok: 0, failure: 1, usage: 2 } as const;

/** Something the user must know, said so that the next step is clear. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failure, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Only a new login goes on. */
const ENDS_LOGIN = ["bad_token", "session_revoked", "refresh_reused"];
export const isEndOfLogin = (error: unknown): boolean =>
  error instanceof HubbubError && ENDS_LOGIN.includes(error.code);

/** No server of this program answers at the address. */
export const isAway = (code: string): boolean => AWAY.includes(code);
const AWAY = ["unreachable", "timeout", "unexpected_answer"];

/** Where somebody reads it: what they type next is a command of the chat, or of the shell. */
export type Place = "chat" | "shell";

/** What an error means to somebody at a terminal, and what to do next. */
export function explain(error: HubbubError, server: string, place: Place = "shell"): string {
  const inChat = place === "chat";
  switch (error.code) {
    case "unreachable":
      return `cannot reach ${server}${reasonOf(error)}. Start a server there with "npm start", or name another one with --server URL.`;
    case "timeout":
      return `${server} does not answer. Try again, or name another server with --server URL.`;
    case "bad_token":
    case "session_revoked":
    case "refresh_reused":
      return `your login at ${server} has ended. Log in again: hubbub login NAME`;
    case "bad_credentials":
      return "unknown username or wrong password. Try again, or sign up: hubbub signup NAME";
    case "bad_code":
      return "this code is wrong, or was used before. Take the next one of your app, or another recovery code";
    case "username_taken":
      return "this username is taken. Choose another one, or log in: hubbub login NAME";
    case "guests_disabled":
      return "this server does not allow guests. Sign up instead: hubbub signup NAME";
    case "last_owner":
      return `you are the last owner. Make another member an owner first: ${inChat ? ".owner NAME" : "hubbub owner ROOM NAME"}`;
    case "last_member":
      return `you are the last member: leaving closes the room permanently. To confirm: ${inChat ? ".close" : "hubbub leave ROOM --close"}`;
    case "forbidden":
      if (error.message !== ERRORS.forbidden.means) return error.message;
      return `your role here does not allow this, or you were removed. Who may: ${inChat ? ".members, .settings" : "hubbub members ROOM, hubbub settings ROOM"}`;
    case "room_name_taken":
      return `a public room of this name exists already. Enter it: ${inChat ? ".join ROOM" : "hubbub chat ROOM"}`;
    case "not_member":
      return `you are not a member of this room. Its owner can add you; a public room is joined by: ${inChat ? ".join ROOM" : "hubbub chat ROOM"}`;
    case "banned":
      return `a ban keeps this user out of the room. Moderators list and end bans: ${inChat ? ".bans, .unban NAME" : "hubbub bans ROOM, hubbub unban ROOM NAME"}`;
    case "muted":
      if (error.retryAfterMs === undefined) return error.message;
      return `you are muted here and can write again${waitOf(error)}. Moderators end that: ${inChat ? ".unmute NAME" : "hubbub unmute ROOM NAME"}`;
    case "slow_mode":
      return `this room is in slow mode: send it again${waitOf(error)}`;
    case "room_archived":
      return `the room is archived: nobody writes. Its owners end that: ${inChat ? ".unarchive" : "hubbub unarchive ROOM"}`;
    case "unknown_invite":
      return "this invitation has expired, was used up or revoked. Ask for another one";
    case "has_left":
      return `this user left the room and decides alone about coming back: ${inChat ? ".invite NAME" : "hubbub invite ROOM NAME"}`;
    case "already_account":
      return "you have an account already. Another name is another account: hubbub signup NAME";
    case "unexpected_answer":
      return `${server} does not answer like a Hubbub server. Name another address with --server URL.`;
    case "rate_limited":
    case "too_many_connections":
      return `${error.message}. Wait ${Math.ceil((error.retryAfterMs ?? 1_000) / 1000)} s and try again.`;
    default:
      return error.shouldRetry() ? `${error.message}. Try again in a moment.` : error.message;
  }
}

/** `the server cannot be reached: its certificate has expired` without its beginning. */
function reasonOf({ message }: HubbubError): string {
  const at = message.indexOf(": ");
  return at === -1 ? "" : message.slice(at);
}

function waitOf({ retryAfterMs }: HubbubError): string {
  if (retryAfterMs === undefined) return "";
  const seconds = Math.ceil(retryAfterMs / 1_000);
  return seconds < 120 ? ` in ${seconds} s` : ` in ${Math.ceil(seconds / 60)} min`;
}

/** The line and exit code for an error that ends the program; undefined for a bug, which is not ours to explain. */
export function ending(error: unknown, tried: Tried): { line: string; exitCode: number } | undefined {
  if (error instanceof CliError) return { line: error.message, exitCode: error.exitCode };
  if (error instanceof HubbubError) return { line: explain(error, nameOf(tried, error)), exitCode: EXIT.failure };
  return undefined;
}

type Tried = Pick<Environment, "server" | "serverFrom">;

/** Where no server answers, the user must know who named it. */
function nameOf({ server, serverFrom }: Tried, { code }: HubbubError): string {
  if (!isAway(code)) return server;
  return `${server} (${serverFrom === "" ? "the default" : `from ${serverFrom}`})`;
}
