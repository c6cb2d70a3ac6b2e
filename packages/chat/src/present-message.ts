import type { RoomLog, Timeline } from "@hubbub/broker";
import {
  applyChange,
  type MessageState,
  ProtocolError,
  type RoomEvent,
  type RoomId,
  targetOf,
  UNCHANGED,
} from "@hubbub/protocol";
import type { EventKey, Store } from "@hubbub/store";
import { readMessageStates } from "./message-states.ts";
import type { ReadCharge } from "./unstored-reads.ts";

export interface MessageSources {
  readonly log: Pick<RoomLog, "heads">;
  readonly timeline: Timeline;
  readonly store: Pick<Store, "events" | "threads">;
}

export interface PresentMessage {
  readonly message: Extract<RoomEvent, { kind: "message" }>;
  readonly state: MessageState;
  /** Events in the state that the store does not have yet. */
  readonly unstored: readonly RoomEvent[];
}

const PAGE_EVENTS = 500;
/** Pages of events that the store does not have yet. With more of them the store is away, and the present state unknown. */
const PAGES_MAX = 8;

/**
 * The message at `seq` as all accepted events have left it; null: there is no message.
 * @throws ProtocolError unavailable, and what `charge` throws
 */
export async function readMessage(
  sources: MessageSources,
  room: RoomId,
  seq: number,
  charge?: ReadCharge,
): Promise<PresentMessage | null> {
  const { log, timeline, store } = sources;
  let [stored, [head = null]] = await Promise.all([store.events.states(room, [seq]), log.heads([room])]);
  const newest = Math.max(head?.seq ?? 0, stored.head);
  if (seq < 1 || seq > newest) return null;
  const [message] = (await timeline.after(room, seq - 1, newest, 1)).events.map(toEvent);
  if (message?.kind !== "message" || message.seq !== seq) return null;
  if (message.was !== undefined) stored = await readMessageStates(store.events.states, room, [message]);
  const seqs = [seq, ...(message.was ?? [])];
  let state = stored.states.get(seq) ?? UNCHANGED;
  const unstored: RoomEvent[] = [];
  for await (const event of unstoredEvents(timeline, room, { after: stored.head, newest, charge })) {
    if (!seqs.includes(targetOf(event) ?? 0)) continue;
    state = applyChange(state, event);
    unstored.push(event);
  }
  return { message, state, unstored };
}

/** An event that the store does not have yet, whatever it changes; null: there is none. @throws as `readMessage` */
export async function findUnstored(
  sources: MessageSources,
  room: RoomId,
  sent: EventKey,
  charge: ReadCharge,
): Promise<RoomEvent | null> {
  const { log, timeline, store } = sources;
  const [{ seq: after }, [head = null]] = await Promise.all([store.events.head(room), log.heads([room])]);
  for await (const event of unstoredEvents(timeline, room, { after, newest: head?.seq ?? 0, charge })) {
    if (event.id === sent.id && event.by.id === sent.user) return event;
  }
  return null;
}

/**
 * The messages that are pinned after all accepted events; of those that were stored, the `limit` that were pinned last. The head is
 * read first: what is stored after it is applied again, which changes nothing.
 * @throws as `readMessage`
 */
export async function readPins(
  { log, timeline, store }: MessageSources,
  room: RoomId,
  limit: number,
  charge: ReadCharge,
): Promise<ReadonlySet<number>> {
  const { seq: after } = await store.events.head(room);
  const [stored, [head = null]] = await Promise.all([store.threads.pins(room, limit), log.heads([room])]);
  const pins = new Set(stored.map(({ seq }) => seq));
  for await (const event of unstoredEvents(timeline, room, { after, newest: head?.seq ?? 0, charge })) {
    if (event.kind === "delete" || (event.kind === "pin" && event.remove)) pins.delete(event.target);
    else if (event.kind === "pin") pins.add(event.target);
  }
  return pins;
}

async function* unstoredEvents(
  timeline: Timeline,
  room: RoomId,
  { after, newest, charge }: { after: number; newest: number; charge: ReadCharge | undefined },
): AsyncGenerator<RoomEvent> {
  let at = after;
  for (let page = 0; at < newest; page += 1) {
    if (page === PAGES_MAX) throw new ProtocolError("unavailable", "the history of this room is behind; try again");
    charge?.check();
    const { events, to } = await timeline.after(room, at, newest, PAGE_EVENTS);
    charge?.spend(events.length);
    yield* events.map(toEvent);
    at = to;
  }
}

type NamedMessage = Extract<RoomEvent, { kind: "message" }>;

/**
 * A new message names a message that the member can see, deleted or not, as the root of its thread or to answer it. A seq without
 * an event may be that of a message before its log was lost: what was accepted then, and is sent again, must not be refused.
 * @throws ProtocolError unknown_message
 */
export async function requireNamed(
  { timeline, log }: Pick<MessageSources, "timeline" | "log">,
  { room, seq, from }: { readonly room: RoomId; readonly seq: number; readonly from: number },
  fits: (message: NamedMessage) => boolean,
): Promise<void> {
  if (seq > from) {
    const found = await eventAt(timeline, room, seq);
    if (found?.kind === "message" && fits(found)) return;
    const [head = null] = found === undefined ? await log.heads([room]) : [{ seq: 0 }];
    if (head === null || seq <= head.seq) return;
  }
  throw new ProtocolError("unknown_message");
}

async function eventAt(timeline: Timeline, room: RoomId, seq: number): Promise<RoomEvent | undefined> {
  const [found] = (await timeline.after(room, seq - 1, seq, 1)).events.map(toEvent);
  return found?.seq === seq ? found : undefined;
}

function toEvent({ frame }: { readonly frame: Buffer }): RoomEvent {
  return JSON.parse(frame.toString()) as RoomEvent;
}
