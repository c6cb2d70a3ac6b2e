/** Names that one message can mention. Further ones are plain text. */
export const MENTIONS_MAX = 50;

/** What a text mentions. Absent fields: nothing. */
export interface Mentions {
  /** User names in lower case, each once, in the order of the text. They need not exist. */
  readonly names?: readonly string[];
  /** `@room`: all members. */
  readonly room?: true;
  /** `@here`: the members that are connected now. It leaves no mark for others. */
  readonly here?: true;
}

/** Code spans and blocks. An open one ends with the text. */
const CODE = /```[\s\S]*?(?:```|$)|`[^`\n]*`/g;
/** Not within an address or a path. A full stop or hyphen after the name ends the sentence. */
const MENTION = /(?<![\w@./-])@([A-Za-z0-9][\w.-]{0,30}\w)/g;

/**
 * Reads `@name`, `@room` and `@here` outside code spans and blocks; undefined: there is none. The one parser of mentions:
 * the server notifies by it, clients highlight by it.
 */
export function parseMentions(text: string): Mentions | undefined {
  if (!text.includes("@")) return undefined;
  const found = new Set<string>();
  for (const [, name = ""] of text.replace(CODE, " ").matchAll(MENTION)) found.add(name.toLowerCase());
  const [room, here] = [found.delete("room"), found.delete("here")];
  const names = [...found].slice(0, MENTIONS_MAX);
  if (names.length === 0 && !room && !here) return undefined;
  return {
    ...(names.length === 0 ? {} : { names }),
    ...(room ? { room } : {}),
    ...(here ? { here } : {}),
  };
}

/** Cuts a text without code at its mentions. What stands at odd places is the name of a mention, without its `@`. */
export function splitAtMentions(text: string): string[] {
  return text.split(MENTION);
}
