const KILO = 1_000;
const KIBI = 1_024;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const fine = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** 12,300 is 12.3 k: what stands in a tile or a cell must be short. */
export function count(value: number): string {
  if (value >= KILO * KILO) return `${short.format(value / KILO / KILO)} M`;
  if (value >= 10 * KILO) return `${short.format(value / KILO)} k`;
  return value >= 100 ? whole.format(value) : short.format(value);
}

export function bytes(value: number): string {
  if (value >= KIBI ** 3) return `${short.format(value / KIBI ** 3)} GiB`;
  if (value >= KIBI ** 2) return `${whole.format(value / KIBI ** 2)} MiB`;
  return value >= KIBI ? `${whole.format(value / KIBI)} KiB` : `${whole.format(value)} B`;
}

export const percent = (share: number): string => `${whole.format(share * 100)} %`;
export const cores = (value: number): string => fine.format(value);
/** undefined: nothing was published. */
export const ms = (value: number | undefined): string => (value === undefined ? "–" : `${short.format(value)} ms`);
export const clockAt = (at: number): string => clock.format(at);
export const momentAt = (at: number): string => moment.format(at);

/** How long something lasts, in its largest unit. */
export function lasting(forMs: number): string {
  if (forMs < MINUTE_MS) return `${Math.max(0, Math.round(forMs / SECOND_MS))} s`;
  if (forMs < HOUR_MS) return `${Math.floor(forMs / MINUTE_MS)} min`;
  const hours = Math.floor(forMs / HOUR_MS);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
