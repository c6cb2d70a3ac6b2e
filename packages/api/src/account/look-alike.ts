import { isReservedName, skeletonOf } from "@hubbub/protocol";
import { rectifyConfusion } from "unicode-confusables";

/**
 * What texts of any script that look alike have in common: compatibility forms, case, invisible characters, blanks and
 * the confusables of Unicode (UTS 39) make no difference. A username has the same here and in `skeletonOf`.
 */
export function unicodeSkeletonOf(text: string): string {
  const folded = text
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    // Twice, because this folds letters that one lower-casing keeps apart, such as ß and ss.
    .toUpperCase()
    .toLowerCase()
    .normalize("NFKC")
    .replace(/[\s_]+/gu, "-");
  return skeletonOf(rectifyConfusion(folded));
}

/** A name of any script that looks like a reserved one, or like the name of a guest. */
export function looksReserved(name: string, reserved: readonly string[]): boolean {
  return isReservedName(unicodeSkeletonOf(name), reserved);
}
