import { z } from "zod";

/**
 * Strings whose rules stand in the documents too. A check in code has no keyword of JSON Schema, so each of these schemas names the
 * keywords that its checks stand for. Lengths are code points, as JSON Schema counts them. Lone surrogates are not in the patterns: text
 * with one is no Unicode, and some engines of patterns know no surrogates.
 */

const CONTROLS = "\\u0000-\\u001f\\u007f-\\u009f";
const DIRECTIONS = "\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069";
const UNSEEN = "\\p{Default_Ignorable_Code_Point}\\p{Z}\\p{M}\\p{C}\\u2800";
const IN_LINE = `[^${CONTROLS}\\u2028\\u2029${DIRECTIONS}]`;

export const STORABLE = `^(?:[^\\u0000\\ufeff][^\\u0000]*)?$`;
const LINE = `^${IN_LINE}*$`;
/** Something of it is seen: not only blanks, joiners and marks. */
const NAME = `^${IN_LINE}*[^${UNSEEN}]${IN_LINE}*$`;
const LINES = `^[^\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f${DIRECTIONS}]*$`;

const PICTURE = "\\u00a9\\u00ae\\u203c\\u2049\\u20e3\\u2122-\\u2bff\\u3030\\u303d\\u3297\\u3299\\u{1f000}-\\u{1faff}";
const JOINED = "0-9#*\\u200d\\ufe0f\\u{e0020}-\\u{e007f}";
const EMOJI = `^(?::[\\w+-]{1,30}:|[${JOINED}]*[${PICTURE}][${JOINED}${PICTURE}]*)$`;

const VISIBLE = new RegExp(`[^${UNSEEN}]`, "u");
const EMOJI_PATTERN = new RegExp(EMOJI, "u");
const REORDERS = new RegExp(`[${DIRECTIONS}]`, "u");

/** For a document: a rule of the value that JSON Schema cannot say. */
export function rule(text: string): { readonly "x-rule": string } {
  return { "x-rule": text };
}

/** Text that every part of the path can hold: Postgres knows no U+0000, UTF-8 no lone surrogate, and the embedded database drops a mark at the front. */
export const storable = z
  .string()
  .refine((text) => !text.includes("\u0000"), "must not contain U+0000")
  .refine((text) => text.isWellFormed(), "must not contain lone surrogates")
  .refine((text) => !text.startsWith("\ufeff"), "must not begin with a byte order mark (U+FEFF)")
  .meta({ pattern: STORABLE });

interface Length {
  readonly min?: number;
  readonly max: number;
}

/** Within the length. */
export function storableOf({ min = 0, max }: Length) {
  return storable
    .refine((text) => text.length <= 2 * max && lengthOf(text) <= max, `must have at most ${max} characters`)
    .refine((text) => text.length >= 2 * min || lengthOf(text) >= min, tooShort(min))
    .meta({ ...(min === 0 ? {} : { minLength: min }), maxLength: max });
}

function tooShort(min: number): string {
  return min === 1 ? "must not be empty" : `must be at least ${min} characters`;
}

export function lengthOf(text: string): number {
  return [...text].length;
}

const readable = (max: number) =>
  storableOf({ max }).refine(
    (text) => !REORDERS.test(text),
    "must not contain characters that change the direction of text",
  );
const oneLine = (max: number) =>
  readable(max).refine(
    (text) => !/[\p{Cc}\u2028\u2029]/u.test(text),
    "must not contain line breaks or control characters",
  );
const normal = (text: string): string => text.normalize("NFC").trim();

/**
 * One line that people read as they see it: no control characters, and nothing that reorders what stands beside it. It comes out
 * trimmed and in NFC, which makes a few characters of rare scripts longer.
 */
export function lineOf(max: number) {
  return oneLine(max).transform(normal).meta({ pattern: LINE, maxLength: max });
}

/** A line of which something is seen. */
export function nameOf(max: number) {
  return oneLine(max)
    .refine((text) => text.trim() !== "", "must not be empty")
    .refine((text) => VISIBLE.test(text), "must contain a visible character")
    .transform(normal)
    .meta({ pattern: NAME, minLength: 1, maxLength: max, examples: ["Tea"] });
}

/** Like a line, with line breaks. */
export function linesOf(max: number) {
  return readable(max)
    .refine((text) => !/[^\P{Cc}\n]/u.test(text), "must not contain control characters, except line breaks")
    .transform(normal)
    .meta({ pattern: LINES, maxLength: max });
}

/** Emoji with their joiners and tags, or a short name between colons, like `:tea:`. Symbols that are no emoji fit too. */
export function emojiOf(max: number) {
  return storableOf({ min: 1, max })
    .refine((text) => EMOJI_PATTERN.test(text), "must be an emoji, or a short name between colons, like :tea:")
    .meta({ pattern: EMOJI, examples: ["👍"] });
}
