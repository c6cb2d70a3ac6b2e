import { NamedRate } from "@hubbub/broker";
import type { RoomId, UserId } from "@hubbub/protocol";

/** Events a second. A check reads as many as the writer is behind, so this binds nobody while it is not. */
const EVENTS_OF_USER = 10_000;
const EVENTS_OF_ROOM = 40_000;

/** Charges events that are read. */
export interface ReadCharge {
  /** Before a page. @throws ProtocolError rate_limited */
  check(): void;
  spend(events: number): void;
}

/** What checks of changes may read of events that the store does not have yet, for one user and in one room. Each process has its own. */
export class UnstoredReads {
  readonly #ofUser = new NamedRate("user_unstored_events", EVENTS_OF_USER);
  readonly #ofRoom = new NamedRate("room_unstored_events", EVENTS_OF_ROOM);

  chargeOf(user: UserId, room: RoomId): ReadCharge {
    return {
      check: () => {
        this.#ofUser.check(user);
        this.#ofRoom.check(room);
      },
      spend: (events) => {
        this.#ofUser.spend(user, events);
        this.#ofRoom.spend(room, events);
      },
    };
  }
}
