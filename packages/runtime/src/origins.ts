import { z } from "zod";

const ANY = "*";
/** Of apps that bring their own browser: capacitor://localhost, chrome-extension://… */
const OTHER_ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#*\s@]+$/;

/**
 * Comma-separated origins as browsers send them (scheme, host, port unless it is the scheme's own), or `*`. A slash at the
 * end, upper case and the scheme's own port are taken away; what no browser can send is refused. Default: `*`.
 */
export function origins() {
  return z
    .string()
    .default(ANY)
    .transform((text, context): readonly string[] => {
      const parts = text.split(",").map((part) => part.trim());
      return parts
        .filter((part) => part !== "")
        .map((part) => {
          const origin = part === ANY ? ANY : toOrigin(part);
          if (origin !== null) return origin;
          const message = `${part} is no origin: write scheme and host, such as https://chat.example.com, without a path`;
          context.addIssue({ code: "custom", message });
          return z.NEVER;
        });
    });
}

function toOrigin(text: string): string | null {
  const bare = text.replace(/\/$/, "");
  if (!/^https?:/i.test(bare)) return OTHER_ORIGIN.test(bare) ? bare : null;
  if (bare.includes(ANY) || !/^https?:\/\/[^/?#@\s]+$/i.test(bare) || !URL.canParse(bare)) return null;
  return new URL(bare).origin;
}
