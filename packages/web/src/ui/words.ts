const HUES = 8;
const time = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

export function clockOf(at: number): string {
  return time.format(at);
}

/** Beside a message that does not begin a group: there is little place. */
export function shortClockOf(at: number): string {
  const parts = time.formatToParts(at).filter(({ type }) => type !== "dayPeriod");
  return parts
    .map(({ value }) => value)
    .join("")
    .trim();
}

export function dayOf(at: number): string {
  return day.format(at);
}

/** With its year. */
export function dateOf(at: number): string {
  return date.format(at);
}

/** The same name always has the same one of the colours. */
export function hueOf(name: string): string {
  let hash = 0;
  for (const char of name) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  return `hue-${hash % HUES}`;
}
