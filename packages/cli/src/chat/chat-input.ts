export type ChatInput =
  | { readonly kind: "nothing" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "usage" | "quit" | "leave" | "who" | "rooms" }
  | { readonly kind: "join"; readonly room: string }
  | { readonly kind: "history"; readonly count: number }
  | { readonly kind: "hint"; readonly hint: string };

const HISTORY_DEFAULT = 50;
const HISTORY_MAX = 200;
const COMMAND = /^[./]([a-z]+)(?:\s+(.*))?$/i;
const ALIASES: Readonly<Record<string, string>> = { help: "usage", exit: "quit", names: "who" };

/** What a typed line means. Commands start with a dot (or a slash) and a letter; `...` is something to say. */
export function parseChatInput(line: string): ChatInput {
  if (line.trim() === "") return { kind: "nothing" };
  const match = COMMAND.exec(line.trimEnd());
  if (match === null) return { kind: "text", text: line.startsWith(" ") ? line.slice(1) : line };
  const [, typed = "", rest = ""] = match;
  const name = ALIASES[typed.toLowerCase()] ?? typed.toLowerCase();
  const argument = rest.trim();
  switch (name) {
    case "usage":
    case "quit":
    case "leave":
    case "who":
    case "rooms":
      return { kind: name };
    case "join":
      return argument === "" ? { kind: "hint", hint: "say which room: .join ROOM" } : { kind: "join", room: argument };
    case "history":
      return history(argument);
    default:
      return { kind: "hint", hint: `there is no .${typed}; .usage lists what there is` };
  }
}

function history(argument: string): ChatInput {
  if (argument === "") return { kind: "history", count: HISTORY_DEFAULT };
  const count = Number(argument);
  const isCount = Number.isInteger(count) && count >= 1 && count <= HISTORY_MAX;
  return isCount ? { kind: "history", count } : { kind: "hint", hint: `.history takes 1 to ${HISTORY_MAX}` };
}
