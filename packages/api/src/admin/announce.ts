import type { Acceptor } from "@hubbub/broker";
import { encodeMessage } from "@hubbub/chat";
import { ANNOUNCEMENTS_SETTINGS, type EventId, type PublicUser, ANNOUNCEMENTS_ROOM as room } from "@hubbub/protocol";
import type { Acting, Store } from "@hubbub/store";

const STANDING = { role: "member", from: 0, settings: ANNOUNCEMENTS_SETTINGS } as const;

export interface Announcement {
  readonly id: EventId;
  readonly text: string;
}

/** The way of every message; only who may do it is decided elsewhere. */
export async function announce(
  { store, acceptor }: { readonly store: Pick<Store, "rooms">; readonly acceptor: Acceptor },
  by: PublicUser,
  message: Announcement,
  acting: Acting,
) {
  await store.rooms.announce(by.id, acting);
  return await acceptor.accept({ room, user: by.id, id: message.id, body: encodeMessage(by, message, STANDING) });
}
