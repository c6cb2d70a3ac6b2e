import type { Draft, Person, PublicUser } from "@hubbub/protocol";
import {
  createContext,
  createElement,
  type ReactNode,
  useCallback,
  useContext,
  useMemo,
  useSyncExternalStore,
} from "react";
import type { Client } from "./client.ts";
import type { ClientState } from "./client-state.ts";
import type { Room } from "./room.ts";
import { DraftBox } from "./views/draft-box.ts";
import { Presence } from "./views/presence.ts";
import { Timeline, type TimelineOptions, type TimelineSnapshot } from "./views/timeline.ts";
import { Typing } from "./views/typing.ts";
import { Unread, type UnreadSnapshot } from "./views/unread.ts";
import type { View } from "./views/view.ts";

/** Hooks for React 18 and later. Each one shows a view of the client, and components share one view of the same thing. */

const ClientContext = createContext<Client | undefined>(undefined);

/** Gives the hooks below it their client. It neither connects nor closes it. */
export function HubbubProvider({ client, children }: { readonly client: Client; readonly children?: ReactNode }) {
  return createElement(ClientContext.Provider, { value: client }, children);
}

/** @throws Error outside of a `HubbubProvider` */
export function useClient(): Client {
  const client = useContext(ClientContext);
  if (client === undefined) throw new Error("useClient needs a HubbubProvider above it");
  return client;
}

/** The state of the connection. */
export function useConnection(): ClientState {
  const client = useClient();
  const subscribe = useCallback((listener: () => void) => client.on("state", listener), [client]);
  const read = () => client.state;
  return useSyncExternalStore(subscribe, read, read);
}

/** To publish, edit and react. For what is said in the room see `useTimeline`. */
export function useRoom(room: string): Room {
  const client = useClient();
  return useMemo(() => client.room(room), [client, room]);
}

/**
 * What is said in a room, with `timeline` for `send`, `loadOlder`, `retry`, `dismiss` and `markRead`. The first use of a room
 * decides the options. `firstUnread` is known where some component uses `useUnread`.
 */
export function useTimeline(
  room: string,
  options?: TimelineOptions,
): TimelineSnapshot & { readonly timeline: Timeline } {
  const unread = useView("unread", (client) => new Unread(client));
  const readUpTo = () => unread.readUpTo(room);
  const timeline = useView(`timeline ${room}`, (client) => new Timeline(client, room, { readUpTo, ...options }));
  const snapshot = useSnapshot(timeline);
  return useMemo(() => ({ ...snapshot, timeline }), [snapshot, timeline]);
}

/** By the users' ids. */
export function usePresence(users: readonly string[]): ReadonlyMap<string, Person> {
  return useSnapshot(useView(`presence ${users.join()}`, (client) => new Presence(client, users)));
}

/** Who else types, and what to call when something is typed. */
export function useTyping(room: string): { readonly typing: readonly PublicUser[]; readonly typed: () => void } {
  const view = useView(`typing ${room}`, (client) => new Typing(client, room));
  const typing = useSnapshot(view);
  return useMemo(() => ({ typing, typed: () => view.typed() }), [typing, view]);
}

/** Counts of all rooms, and of each. */
export function useUnread(): UnreadSnapshot & { readonly markRead: (room: string, seq: number) => void } {
  const view = useView("unread", (client) => new Unread(client));
  const snapshot = useSnapshot(view);
  return useMemo(() => ({ ...snapshot, markRead: (room, seq) => view.markRead(room, seq) }), [snapshot, view]);
}

/** What is typed into the box of a room and not sent, kept at the server. */
export function useDraft(room: string): readonly [Draft, (text: string) => void] {
  const view = useView(`draft ${room}`, (client) => new DraftBox(client, room));
  const draft = useSnapshot(view);
  return useMemo(() => [draft, (text: string) => view.set(text)] as const, [draft, view]);
}

/** Views of a client that are kept though nobody shows them; at the bound those that do not work go, the oldest first. */
const VIEWS_MAX = 100;
const viewsOfClients = new WeakMap<Client, Map<string, View<unknown>>>();

/** `key` says all that `make` depends on. */
function useView<Kind extends View<unknown>>(key: string, make: (client: Client) => Kind): Kind {
  const client = useClient();
  const views = viewsOfClients.get(client) ?? new Map<string, View<unknown>>();
  viewsOfClients.set(client, views);
  const view = (views.get(key) as Kind | undefined) ?? make(client);
  if (!views.has(key)) {
    views.set(key, view);
    for (const [other, { isRunning }] of views) {
      if (views.size <= VIEWS_MAX) break;
      if (!isRunning && other !== key) views.delete(other);
    }
  }
  return view;
}

function useSnapshot<Snapshot>(view: View<Snapshot>): Snapshot {
  return useSyncExternalStore(view.subscribe, view.getSnapshot, view.getSnapshot);
}
