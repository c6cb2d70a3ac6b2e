import { integer, url } from "@hubbub/runtime";
import { z } from "zod";
import type { SecretKey } from "./secret-box.ts";

const KEY_BYTES = 32;
const KEY = /^([A-Za-z0-9_-]{1,16}):([A-Za-z0-9_-]{43})=?$/;

/** `id:key,id:key`, the key 32 bytes as base64url. */
const secretKeys = z
  .string()
  .default("")
  .transform((text, context): readonly SecretKey[] => {
    const parts = text.split(",").filter((part) => part.trim() !== "");
    const keys = parts.map((part) => {
      const [, id = "", key = ""] = KEY.exec(part.trim()) ?? [];
      return { id, key: Buffer.from(key, "base64url") };
    });
    const isWhole = keys.every(({ key }) => key.length === KEY_BYTES);
    if (isWhole && new Set(keys.map(({ id }) => id)).size === keys.length) return keys;
    const message = "must be id:key, comma-separated, each id once and each key 32 bytes as base64url";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

/** The part of the environment for signing in without a password alone. */
export const signinSettings = {
  /** Where browsers find the page: passkeys are bound to its host, and a login provider sends back to it. */
  PUBLIC_URL: url("http", "https")
    .transform((text) => new URL(text).origin)
    .optional(),
  /** Encrypt the secrets of authenticator apps. The first encrypts, all decrypt. */
  SECRET_KEYS: secretKeys,
  OIDC_ISSUER: url("http", "https").optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  /** For people, on the button. */
  OIDC_NAME: z.string().max(64).default("Single sign-on"),
  /** Logins in progress, with a passkey or a provider, of one address. */
  SIGNINS_PENDING_PER_ADDRESS: integer(1, 100_000, 1_000),
  /** Personal access tokens, and passkeys, of one user. */
  TOKENS_PER_USER: integer(1, 10_000, 50),
  PASSKEYS_PER_USER: integer(1, 1_000, 20),
};
