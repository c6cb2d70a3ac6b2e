import type { PublicUser, UserId } from "@hubbub/protocol";
import { MATCH, matchOf, plain } from "./match.ts";

/** What is being typed at the caret: the name of somebody, or of an emoji. `from` to `to` is what a candidate replaces. */
export interface Completion {
  readonly kind: "mention" | "emoji";
  readonly query: string;
  readonly from: number;
  readonly to: number;
}

export interface Candidate {
  readonly key: string;
  /** What is shown besides the name: a picture, an emoji. */
  readonly sign: string;
  readonly name: string;
  /** What it puts into the text, without the blank behind it. */
  readonly text: string;
}

/** As the data of emojibase has them. */
export interface Emoji {
  readonly unicode: string;
  /** The usual one first. */
  readonly codes: readonly string[];
}

export interface Mentionable extends PublicUser {
  readonly displayName?: string | undefined;
}

const CANDIDATES_MAX = 8;
/** Names and codes are not longer. */
const QUERY_MAX = 32;
const EMOJI_QUERY_MIN = 2;
/** As mentions are read: not within an address or a path. */
const MENTION = /(?<![\w@./-])@([\w.-]*)$/u;
/** Not within a time, an address or another code. */
const EMOJI = /(?<![\w:/])[:]([\w+-]*)$/u;
const CODE = /```[\s\S]*?(?:```|$)|`[^`\n]*`|`[^`\n]*$/gu;
const ALL = ["room", "here"] as const;

/** undefined: nothing is to be offered. */
export function completionAt(text: string, caret: number): Completion | undefined {
  const before = text.slice(Math.max(0, caret - QUERY_MAX - 2), caret);
  const mention = MENTION.exec(before)?.[1];
  const emoji = EMOJI.exec(before)?.[1];
  const query = mention ?? emoji;
  if (query === undefined || query.length > QUERY_MAX || isInCode(text, caret)) return undefined;
  if (mention === undefined && query.length < EMOJI_QUERY_MIN) return undefined;
  const rest = /^[\w.+-]*/u.exec(text.slice(caret, caret + QUERY_MAX))?.[0] ?? "";
  const kind = mention === undefined ? "emoji" : "mention";
  return { kind, query, from: caret - query.length - 1, to: caret + rest.length };
}

/** Code that goes on up to the caret. */
function isInCode(text: string, caret: number): boolean {
  if (!text.includes("`")) return false;
  return [...text.slice(0, caret).matchAll(CODE)].some(({ index, 0: code }) => index + code.length === caret);
}

export interface MentionSources {
  readonly members: readonly Mentionable[];
  /** Authors of the room, the last one first: whom one answers is likely. */
  readonly recent: readonly UserId[];
  readonly me: UserId;
  /** `@room` and `@here` are more than plain text. */
  readonly mayMentionAll: boolean;
}

export function mentionCandidates(query: string, { members, recent, me, mayMentionAll }: MentionSources): Candidate[] {
  const people = members
    .filter(({ id }) => id !== me)
    .map((user) => ({ user, match: Math.max(matchOf(query, user.username), matchOf(query, user.displayName ?? "")) }))
    .filter(({ match }) => match > MATCH.none)
    .map(({ user, match }) => ({ user, match, age: ageOf(user.id, recent) }))
    .sort((a, b) => b.match - a.match || a.age - b.age || a.user.username.localeCompare(b.user.username))
    .map(({ user: { id, username, displayName } }): Candidate => {
      const name = displayName === undefined ? username : `${username} (${displayName})`;
      return { key: id, sign: "@", name, text: `@${username}` };
    });
  const all = mayMentionAll ? ALL.filter((word) => matchOf(query, word) >= MATCH.start || query === "") : [];
  const words = all.map((word): Candidate => ({ key: word, sign: "@", name: word, text: `@${word}` }));
  return [...people.slice(0, CANDIDATES_MAX - words.length), ...words];
}

/** `emoji`: in the order of their data. */
export function emojiCandidates(query: string, emoji: readonly Emoji[]): Candidate[] {
  const wanted = plain(query);
  const ranked = emoji.flatMap(({ unicode, codes }) => {
    const found = codes
      .filter((code) => code.includes(wanted))
      .map((code) => ({ unicode, code, match: matchOf(wanted, code) }));
    return found.sort((a, b) => b.match - a.match).slice(0, 1);
  });
  // Of codes that fit as well the shorter one is meant more likely.
  ranked.sort((a, b) => b.match - a.match || a.code.length - b.code.length);
  return ranked.slice(0, CANDIDATES_MAX).map(({ unicode, code }) => {
    return { key: code, sign: unicode, name: `:${code}:`, text: unicode };
  });
}

/** `compact` and `shortcodes`: the files of emojibase-data, by their hexadecimal codes. */
export function emojiOf(
  compact: readonly { readonly hexcode: string; readonly unicode: string }[],
  shortcodes: Readonly<Record<string, string | readonly string[]>>,
): Emoji[] {
  return compact.flatMap(({ hexcode, unicode }) => {
    const codes = shortcodes[hexcode];
    if (codes === undefined) return [];
    return [{ unicode, codes: typeof codes === "string" ? [codes] : codes }];
  });
}

/** The text with the candidate in it, and where the caret is then. */
export function complete(
  text: string,
  { from, to }: Completion,
  candidate: Candidate,
): { readonly text: string; readonly caret: number } {
  const behind = text.slice(to);
  const blank = /^\s/u.test(behind) ? "" : " ";
  const start = text.slice(0, from) + candidate.text;
  return { text: start + blank + behind, caret: start.length + 1 };
}

function ageOf(user: UserId, recent: readonly UserId[]): number {
  const index = recent.indexOf(user);
  return index === -1 ? recent.length : index;
}
