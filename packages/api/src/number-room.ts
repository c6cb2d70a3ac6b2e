import { BrokerUnavailable } from "@hubbub/broker";
import type { RoomId } from "@hubbub/protocol";
import type { ApiContext } from "./context.ts";

/**
 * Gives a room its first epoch before its first event. If two gateways began it, there would be two epochs and a
 * needless jump in the numbers. While the log is away, the first event begins the epoch.
 */
export async function numberRoom({ broker, store }: Pick<ApiContext, "broker" | "store">, room: RoomId): Promise<void> {
  try {
    await broker.initialise(room, await store.rooms.beginEpoch(room, 0, broker.epochJump));
  } catch (error) {
    if (!(error instanceof BrokerUnavailable)) throw error;
  }
}
