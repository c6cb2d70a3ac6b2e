import { actNamed } from "../acts/acts.ts";

export type ChatInput =
  | { readonly kind: "nothing" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "quit" | "leave" | "close" | "members" | "rooms" }
  | { readonly kind: "usage"; readonly topic: string }
  | { readonly kind: "act"; readonly name: string; readonly argument: string }
  /** `password`: asked for before its turn comes, so that it is never taken for something to say. */
  | { readonly kind: "register"; readonly username: string; readonly password?: string }
  | { readonly kind: "join"; readonly room: string }
  | { readonly kind: "history"; readonly count: number }
  | { readonly kind: "edit" | "reply"; readonly target: number | undefined; readonly text: string }
  | { readonly kind: "delete"; readonly target: number | undefined }
  | { readonly kind: "react"; readonly target: number | undefined; readonly emoji: string }
  /** `mustBeImage`: another file is not sent. */
  | { readonly kind: "upload"; readonly path: string; readonly mustBeImage: boolean }
  | { readonly kind: "hint"; readonly hint: string };

const HISTORY_DEFAULT = 50;
const HISTORY_MAX = 200;
const AS_TEXT = "To say it, start with a space";
const COMMAND = /^[./]([a-z]+)(?:\s+(.*))?$/i;
const ALIASES: Readonly<Record<string, string>> = {
  ...{ help: "usage", commands: "usage", exit: "quit", bye: "quit", names: "members", list: "rooms", upload: "file" },
};

/**
 * What a typed line means. Commands start with a dot (or a slash) and a letter; `...` is something to say. What was pasted is
 * always something to say.
 */
export function parseChatInput(line: string, isPasted = false): ChatInput {
  if (line.trim() === "") return { kind: "nothing" };
  if (isPasted) return { kind: "text", text: line };
  const match = COMMAND.exec(line.trimEnd());
  if (match === null) return { kind: "text", text: line.startsWith(" ") ? line.slice(1) : line };
  const [, typed = "", rest = ""] = match;
  const name = ALIASES[typed.toLowerCase()] ?? typed.toLowerCase();
  const argument = rest.trim();
  switch (name) {
    case "usage":
      return { kind: "usage", topic: argument };
    case "quit":
    case "leave":
    case "close":
    case "members":
    case "rooms":
      return argument === "" ? { kind: name } : { kind: "hint", hint: `.${typed} takes nothing behind it. ${AS_TEXT}` };
    case "register":
      if (/^\S+$/.test(argument)) return { kind: "register", username: argument };
      return { kind: "hint", hint: "say under which name: .register NAME" };
    case "join":
      return argument === "" ? { kind: "hint", hint: "say which room: .join ROOM" } : { kind: "join", room: argument };
    case "history":
      return history(argument);
    case "file":
    case "image":
      if (argument === "") return { kind: "hint", hint: `say which file: .${typed} PATH` };
      return { kind: "upload", path: argument, mustBeImage: name === "image" };
    case "edit":
    case "reply":
    case "delete":
    case "react":
      return aboutMessage(name, argument);
    default:
      return (
        toAct(name, argument) ?? { kind: "hint", hint: `there is no .${typed}; .usage lists what there is. ${AS_TEXT}` }
      );
  }
}

function toAct(typed: string, argument: string): ChatInput | undefined {
  const name = actNamed(typed);
  return name === undefined ? undefined : { kind: "act", name, argument };
}

/** A message is named by the number behind it, `#12`; without one the newest is meant. An emoji is no number: there `12` will do. */
function aboutMessage(kind: "edit" | "reply" | "delete" | "react", argument: string): ChatInput {
  const named = kind === "react" ? argument.replace(/^\d+\s/, "#$&") : argument;
  const [, number, rest = ""] = /^(?:#(\d{1,15})(?=\s|$))?\s*([\s\S]*)$/.exec(named) ?? [];
  const target = number === undefined ? undefined : Number(number);
  if (kind === "delete") {
    return rest === ""
      ? { kind, target }
      : { kind: "hint", hint: `.delete takes the number of a message: .delete #12. ${AS_TEXT}` };
  }
  if (rest === "") return { kind: "hint", hint: `say what: .${kind} [#12] ${kind === "react" ? "EMOJI" : "TEXT"}` };
  return kind === "react" ? { kind, target, emoji: rest } : { kind, target, text: rest };
}

function history(argument: string): ChatInput {
  if (argument === "") return { kind: "history", count: HISTORY_DEFAULT };
  const count = Number(argument);
  const isCount = Number.isInteger(count) && count >= 1 && count <= HISTORY_MAX;
  return isCount ? { kind: "history", count } : { kind: "hint", hint: `.history takes 1 to ${HISTORY_MAX}` };
}
