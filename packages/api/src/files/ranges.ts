import type { ByteRange } from "@hubbub/files";

/** "none": the whole file. "bad": no byte of the file is in it. */
export type AskedRange = ByteRange | "none" | "bad";

const SINGLE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * The one range that is asked for (RFC 9110 14.2). Several ranges, other units and what cannot be read are answered with the whole file, as
 * the RFC allows. `ifRange`: then the range counts only while the file is the one that the client has a part of.
 */
export function askedRange(
  { range, ifRange }: { readonly range: string | undefined; readonly ifRange: string | undefined },
  { bytes, etag }: { readonly bytes: number; readonly etag: string },
): AskedRange {
  const [, first = "", last = ""] = SINGLE.exec(range?.replaceAll(" ", "") ?? "") ?? [];
  if ((first === "" && last === "") || (ifRange !== undefined && ifRange !== etag)) return "none";
  if (first === "") {
    const count = Math.min(Number(last), bytes);
    return count === 0 ? "bad" : { start: bytes - count, end: bytes - 1 };
  }
  const start = Number(first);
  const end = last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (last !== "" && Number(last) < start) return "none";
  return start < bytes ? { start, end } : "bad";
}

/** Whether the client has this version (RFC 9110 13.1.2); weak and strong tags compare alike. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(etag);
}
