import type { Addresses } from "./address-list.ts";

/** What both kinds of uWS handlers can tell of the other end. */
interface Connected {
  getRemoteAddressAsText(): ArrayBuffer;
}

const utf8 = new TextDecoder();
const V4_IN_V6 = /^(?:0{1,4}:){5}ffff:|^::ffff:/i;
const V6_GROUPS = 8;
/** One customer has at least this much of IPv6: limits that count whole addresses would not hold anybody. */
const COUNTED_GROUPS = 4;
const SITE_GROUPS = 3;

/**
 * The client's address: the peer's, or what a trusted proxy says in `X-Real-IP`. Anybody else could forge that. Of IPv6
 * the /64, as limits count it.
 */
export function clientAddress(connected: Connected, realIp: string | null, trustedProxies: Addresses): string {
  const peer = plainAddress(utf8.decode(connected.getRemoteAddressAsText()));
  return realIp !== null && realIp !== "" && trustedProxies.includes(peer)
    ? network(plainAddress(realIp))
    : network(peer);
}

/** The /48 of an address as `clientAddress` gives it, which one organisation has at least; a v4 address is its own. */
export function siteOf(address: string): string {
  if (!address.endsWith("::/64")) return address;
  return `${address.split(":").slice(0, SITE_GROUPS).join(":")}::/48`;
}

/** v4 addresses arrive in v6 clothes when a program listens on both, in uWS' spelling with every byte in hex. */
export function plainAddress(address: string): string {
  if (!V4_IN_V6.test(address)) return address;
  const rest = address.replace(V4_IN_V6, "");
  if (rest.includes(".")) return rest;
  const hex = rest
    .split(":")
    .map((group) => group.padStart(4, "0"))
    .join("");
  return [0, 2, 4, 6].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(".");
}

function network(address: string): string {
  if (!address.includes(":") || address === "::1") return address;
  const [before = "", after] = address.split("::");
  const [head, tail] = [before, after ?? ""].map((part) => part.split(":").filter((group) => group !== ""));
  const missing = after === undefined ? 0 : V6_GROUPS - (head?.length ?? 0) - (tail?.length ?? 0);
  const groups = [...(head ?? []), ...Array.from({ length: missing }, () => "0"), ...(tail ?? [])];
  return `${groups
    .slice(0, COUNTED_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
