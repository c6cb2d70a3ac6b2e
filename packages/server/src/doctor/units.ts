const KIBI = 1_024;
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** `2.6 GiB`. */
export function bytes(count: number): string {
  const at = count < 1 ? 0 : Math.min(Math.floor(Math.log2(count) / 10), UNITS.length - 1);
  const value = count / KIBI ** at;
  return `${value >= 100 || at === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[at]}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/** `36 hours`, `12 days`. */
export function age(ms: number): string {
  const hours = ms / HOUR_MS;
  return hours < 3 * DAY_HOURS ? `${hours.toFixed(1)} hours` : `${Math.floor(hours / DAY_HOURS)} days`;
}
