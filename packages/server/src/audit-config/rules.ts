import type { Settings } from "../settings.ts";

/** The settings, and what else of the environment matters. */
export interface Audited {
  readonly settings: Settings;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One thing that may not be so. */
export interface Rule {
  readonly name: string;
  readonly level: "warning" | "fault";
  /** Of ASVS 5.0, articles of the GDPR, sections of HIPAA (45 CFR). */
  readonly ids: readonly string[];
  readonly shouldBe: string;
  readonly todo: string;
  /** What is, when it may not be so; null: it may, or it does not apply. */
  readonly breach: (audited: Audited) => string | null;
}

export const TRANSMISSION = ["GDPR Art. 32(1)(a)", "HIPAA §164.312(e)(1)"] as const;
export const ACCESS = ["GDPR Art. 32(1)(b)", "HIPAA §164.312(a)(1)"] as const;

/** `what` when `isBroken`. */
export const when = (isBroken: boolean, what: string): string | null => (isBroken ? what : null);
