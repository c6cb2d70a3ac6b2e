import { emojiNamed, emojiNames } from "./emoji-names.ts";

/** What can be completed in this place. */
export interface Names {
  readonly people: readonly string[];
  readonly rooms: readonly string[];
  readonly commands: readonly string[];
}

/** What the word before the cursor may become. */
export interface Completion {
  /** Where the word begins. */
  readonly from: number;
  readonly choices: readonly string[];
}

const CHOICES_MAX = 20;

/** `text` up to the cursor. No choice: there is nothing to complete. */
export function completionOf(text: string, names: Names): Completion {
  const [word = ""] = /\S*$/.exec(text) ?? [];
  const from = text.length - word.length;
  const begin = word.slice(1).toLowerCase();
  const starting = (all: readonly string[]): string[] => all.filter((one) => one.toLowerCase().startsWith(begin));
  const choices = (): string[] => {
    if (word.startsWith("@")) return starting([...names.people, "room", "here"]).map((name) => `@${name} `);
    if (word.startsWith("#")) return starting(names.rooms).map((name) => `#${name} `);
    if (word.startsWith(".") && from === 0) return starting(names.commands).map((name) => `.${name} `);
    if (word.startsWith(":") && word.length > 1) return starting(emojiNames()).map((name) => `${emojiNamed(name)} `);
    return isRoomPlace(text) ? roomsAfterCommand(word, names) : [];
  };
  return { from, choices: [...new Set(choices())].slice(0, CHOICES_MAX) };
}

function isRoomPlace(text: string): boolean {
  return /^\.(?:join|accept|decline)\s+\S*$/.test(text);
}

function roomsAfterCommand(word: string, { rooms }: Names): string[] {
  return rooms.filter((name) => name.toLowerCase().startsWith(word.toLowerCase()));
}
