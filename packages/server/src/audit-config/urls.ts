import { isIP } from "node:net";

/** null: it has none. */
export function passwordOf(url: string): string | null {
  const found = /^[a-z0-9+]+:\/\/[^:@/]*:([^@/]*)@/i.exec(url)?.[1];
  return found === undefined || found === "" ? null : decodeURIComponent(found);
}

/** Whole ranges of the internet, in which anybody may be. */
export function isEverybody(range: string): boolean {
  const [address = "", bits = ""] = range.split("/");
  return isIP(address) !== 0 && /^\d$/.test(bits) && Number(bits) < 8;
}
