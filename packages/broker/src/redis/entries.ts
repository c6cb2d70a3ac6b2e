/** Events of one entry at most, as accept.lua has it. */
export const LOG_ENTRY_EVENTS = 32;
export const TAIL_ENTRY_EVENTS = 16;
/** Events that one answer may hold, wanted or not: 34 MB if all texts are as long as they may be. */
export const ANSWER_EVENTS_MAX = 4_096;

/** An entry of a stream as Redis answers it: id, names and values of its fields. */
export type Entry<Text> = readonly [id: Text, fields: readonly Text[]];

/** An event of a log. `number`: of all that were ever appended; rises by one. */
export interface LogEvent {
  readonly ms: string;
  readonly number: number;
  readonly frame: string;
}

/**
 * Up to `count` events from entries that hold several. How many they hold is known when they are there: at first as many
 * as there can be are assumed, for what is read too much is read again. Small entries say nothing of the next ones, so
 * no answer is larger than `ANSWER_EVENTS_MAX`.
 */
export async function collect<Event>(
  count: number,
  entryEvents: number,
  ask: (last: Event | undefined, entries: number) => Promise<readonly (readonly Event[])[]>,
): Promise<Event[]> {
  const events: Event[] = [];
  let eventsPerEntry = entryEvents;
  for (let isMore = true; isMore && events.length < count; ) {
    const likely = Math.ceil((count - events.length) / eventsPerEntry);
    const asked = Math.min(likely, ANSWER_EVENTS_MAX / entryEvents);
    const entries = await ask(events.at(-1), asked);
    isMore = entries.length === asked;
    if (isMore) eventsPerEntry = entries.flat().length / asked;
    for (const some of entries) events.push(...some);
  }
  return events.slice(0, count);
}

export function partsOf(id: string): readonly [ms: string, number: number] {
  const dash = id.indexOf("-");
  return [id.slice(0, dash), Number(id.slice(dash + 1))];
}

/**
 * The events of an entry, whose id is that of the last one, behind `after`: a reader may stand within it. In a log that
 * began anew numbers do so too, times do not.
 */
export function eventsBehind(after: string, [id, fields]: Entry<string>): LogEvent[] {
  const [ms, last] = partsOf(id);
  const [afterMs, afterNumber] = partsOf(after);
  const frames = fields.flatMap((name, at) => (at % 2 === 0 && name === "f" ? (fields[at + 1] ?? "").split("\n") : []));
  const events = frames.map((frame, at) => ({ ms, number: last - frames.length + 1 + at, frame }));
  return ms === afterMs ? events.filter(({ number }) => number > afterNumber) : events;
}
