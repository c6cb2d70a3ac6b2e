/** When a status is to end: the value and the words of each choice. */
export const STATUS_ENDS: readonly (readonly [string, string])[] = [
  ["never", "Not by itself"],
  ["30", "In half an hour"],
  ["60", "In an hour"],
  ["240", "In four hours"],
  ["today", "At midnight"],
  ["10080", "In a week"],
];

const MINUTE_MS = 60_000;

/** The moment of a choice, Unix ms; undefined: never. A choice that is none of these is a moment itself. */
export function endOf(choice: string, now = Date.now()): number | undefined {
  if (choice === "never") return undefined;
  if (choice === "today") return new Date(now).setHours(24, 0, 0, 0);
  const isLength = STATUS_ENDS.some(([value]) => value === choice);
  return isLength ? now + Number(choice) * MINUTE_MS : Number(choice);
}
