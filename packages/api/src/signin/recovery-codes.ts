import type { UserId } from "@hubbub/protocol";
import { Secret } from "otpauth";
import { hashOf } from "./token-text.ts";

const COUNT = 10;
/** Sixteen characters of base32. */
const BYTES = 10;
const GROUP = /.{4}(?=.)/g;

export function newRecoveryCodes(): string[] {
  return Array.from({ length: COUNT }, () => new Secret({ size: BYTES }).base32.toLowerCase().replace(GROUP, "$&-"));
}

/** `code`: without blanks and hyphens. 80 random bits need no slow hash. */
export function hashRecoveryCode(user: UserId, code: string): string {
  return hashOf(`${user} ${code.toLowerCase()}`);
}
