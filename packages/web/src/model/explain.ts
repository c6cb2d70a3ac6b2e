import { HubbubError } from "@hubbub/client";

/** A refusal in words, with what to do next. What is no refusal is a bug, and travels. */
export function explain(error: unknown): string {
  if (!(error instanceof HubbubError)) throw error;
  switch (error.code) {
    case "unreachable":
    case "timeout":
      return "The server cannot be reached. Try again in a moment.";
    case "bad_credentials":
      return "Unknown name or wrong password.";
    case "bad_code":
      return "This code is wrong, or was used before. Take the next one of your app, or another recovery code.";
    case "bad_ticket":
      return "The login took too long, or too many codes were wrong. Begin again.";
    case "bad_link":
      return "This link or code is wrong, used or expired. Ask for a new mail.";
    case "username_taken":
      return "This name is taken. Choose another one.";
    case "guests_disabled":
      return "This server does not allow guests. Sign up instead.";
    case "room_name_taken":
      return "A public room of this name exists already.";
    case "not_member":
      return "You are not in this room.";
    case "banned":
      return "A ban keeps this user out of the room. Its moderators can end the ban.";
    case "muted":
      if (error.retryAfterMs === undefined) return sentenceOf(error);
      return `You are muted here. You can write again${waitOf(error)}.`;
    case "slow_mode":
      return `This room is in slow mode. Send it again${waitOf(error)}.`;
    case "unknown_invite":
      return "This invitation has expired, was used up or revoked. Ask for another one.";
    case "unknown_user":
      return "There is nobody of this name.";
    case "bad_token":
    case "session_revoked":
    case "refresh_reused":
      return "Your login has ended. Log in again.";
    case "rate_limited":
      return `Too many requests. Wait ${Math.ceil((error.retryAfterMs ?? 1_000) / 1_000)} s.`;
    default:
      return sentenceOf(error);
  }
}

function sentenceOf({ message }: HubbubError): string {
  return sentence(message);
}

export function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

function waitOf({ retryAfterMs }: HubbubError): string {
  if (retryAfterMs === undefined) return "";
  const seconds = Math.ceil(retryAfterMs / 1_000);
  return seconds < 120 ? ` in ${seconds} s` : ` in ${Math.ceil(seconds / 60)} min`;
}
