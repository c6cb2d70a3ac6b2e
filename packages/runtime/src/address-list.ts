import { BlockList, isIP } from "node:net";
import { z } from "zod";
import { plainAddress } from "./client-address.ts";

/** A set of addresses. A plain array of addresses is one too. */
export interface Addresses {
  includes(address: string): boolean;
}

const FAMILY_BITS = { ipv4: 32, ipv6: 128 } as const;
/** In front of the IPv4 address in an IPv6 address that stands for one. */
const MAPPED_BITS = 96;

interface Range {
  readonly address: string;
  readonly family: "ipv4" | "ipv6";
  readonly bits: number;
}

/** Comma-separated addresses and CIDR ranges of IPv4 and IPv6, in any spelling. Default: none. */
export function addresses() {
  return z
    .string()
    .default("")
    .transform((text, context): Addresses => {
      const ranges: Range[] = [];
      for (const part of text.split(",").map((raw) => raw.trim())) {
        if (part === "") continue;
        const range = parseRange(part);
        if (range === null) {
          const message = `${part} is no IP address and no range such as 10.0.0.0/8 or 2001:db8::/32`;
          context.addIssue({ code: "custom", message });
        } else ranges.push(range);
      }
      return new AddressRanges(ranges);
    });
}

class AddressRanges implements Addresses {
  readonly #list = new BlockList();

  constructor(ranges: readonly Range[]) {
    for (const { address, bits, family } of ranges) this.#list.addSubnet(address, bits, family);
  }

  includes(address: string): boolean {
    return isIP(address) !== 0 && this.#list.check(address, familyOf(address));
  }
}

function parseRange(text: string): Range | null {
  const [address = "", suffix, ...rest] = text.split("/");
  if (isIP(address) === 0 || address.includes("%") || rest.length > 0) return null;
  if (suffix !== undefined && !/^\d{1,3}$/.test(suffix)) return null;
  const given = familyOf(address);
  const bits = suffix === undefined ? FAMILY_BITS[given] : Number(suffix);
  if (bits > FAMILY_BITS[given]) return null;
  const plain = plainAddress(
    new URL(given === "ipv6" ? `http://[${address}]` : `http://${address}`).hostname.replace(/^\[|\]$/g, ""),
  );
  const family = familyOf(plain);
  if (given === family) return { address: plain, family, bits };
  return bits < MAPPED_BITS ? null : { address: plain, family, bits: bits - MAPPED_BITS };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}
