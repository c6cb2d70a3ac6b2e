/** Why a filter cannot be saved. */
export interface Fault {
  readonly code:
    | "bad_tree"
    | "bad_text"
    | "unknown_field"
    | "wrong_type"
    | "not_ordered"
    | "not_in_enum"
    | "wrong_count"
    | "too_large"
    | "too_costly";
  /** Place in the tree, for example `of[1].l`; empty for the whole filter. */
  readonly at: string;
  /** One sentence for the person who wrote the filter. */
  readonly message: string;
  /** The field the fault is about, if any. */
  readonly field?: string;
  /** The field or enum value that the person probably meant, if one is near. */
  readonly nearest?: string;
  /** Column in the text form, from 1, when the filter was written as text. */
  readonly column?: number;
}

/** The place of a part within the place `at`. */
export function placeIn(at: string, part: string): string {
  return at === "" ? part : `${at}.${part}`;
}
