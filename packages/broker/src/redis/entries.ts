/** Upper bounds of events per entry, as in accept.lua. */
export const LOG_ENTRY_EVENTS = 32;
export const TAIL_ENTRY_EVENTS = 16;
/** Upper bound of events per answer. That is 11 MB with the longest texts, because accept.lua closes entries by bytes. */
export const ANSWER_EVENTS_MAX = 4_096;

/** Before all entries of a stream. */
export const BEGINNING = "0-0";

/** An entry of a stream as Redis returns it: id, then names and values of its fields. */
export type Entry<Text> = readonly [id: Text, fields: readonly Text[]];

/** An event of a log. `number`: counts all events ever appended. */
export interface LogEvent {
  readonly ms: string;
  readonly number: number;
  readonly frame: string;
}

/**
 * Reads up to `count` events from entries that hold several. The number of events per entry is known only after reading. The
 * first call assumes full entries, so that it does not read too much; later calls use the average so far. `ANSWER_EVENTS_MAX`
 * bounds every answer, because small entries may be followed by full ones.
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

/** Names a log uniquely over all runs of Redis. A log without an id is empty. */
export function nameOf(run: string, logId: string | null): string {
  return `${run}.${logId ?? ""}`;
}

export function partsOf(id: string): readonly [ms: string, number: number] {
  const dash = id.indexOf("-");
  return [id.slice(0, dash), Number(id.slice(dash + 1))];
}

/**
 * The events of an entry after `after`, which may be within it. The id of an entry is that of its last event. Numbers restart
 * with a new log, times do not.
 */
export function eventsBehind(after: string, [id, fields]: Entry<string>): LogEvent[] {
  const [ms, last] = partsOf(id);
  const [afterMs, afterNumber] = partsOf(after);
  const frames = fields.flatMap((name, at) => (at % 2 === 0 && name === "f" ? (fields[at + 1] ?? "").split("\n") : []));
  const events = frames.map((frame, at) => ({ ms, number: last - frames.length + 1 + at, frame }));
  return ms === afterMs ? events.filter(({ number }) => number > afterNumber) : events;
}
