import { ProtocolError, QUERIES_AUTHOR, type RoomId } from "@hubbub/protocol";
import { backoffMs, pause } from "@hubbub/runtime";
import { type FlowContext, LeaseEnded } from "./flow-context.ts";
import type { Output } from "./output.ts";

interface Holder {
  /** Aborts when the source is given up. */
  readonly signal: AbortSignal;
  /** Whether the lease is certain to be ours. */
  isFresh(): boolean;
}

/**
 * Writes outputs into their rooms, those of one room in order, each until it is accepted.
 * @throws LeaseEnded
 * @returns rooms that are closed
 */
export async function writeOutputs(
  { acceptor, evaluated }: FlowContext,
  holder: Holder,
  outputs: readonly Output[],
): Promise<readonly RoomId[]> {
  const byRoom = new Map<RoomId, Output[]>();
  for (const output of outputs) byRoom.set(output.room, [...(byRoom.get(output.room) ?? []), output]);
  const closed = await Promise.all([...byRoom.values()].map((own) => writeRoom(acceptor, holder, own)));
  evaluated(outputs.length);
  return closed.filter((room) => room !== null);
}

async function writeRoom(
  acceptor: FlowContext["acceptor"],
  holder: Holder,
  outputs: readonly Output[],
): Promise<RoomId | null> {
  for (const { room, id, body } of outputs) {
    for (let attempt = 0; ; attempt += 1) {
      if (holder.signal.aborted || !holder.isFresh()) throw new LeaseEnded("the lease of the source has ended");
      try {
        await acceptor.accept({ room, user: QUERIES_AUTHOR.id, id, body });
        break;
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        if (error.code === "unknown_room") return room;
        await pause(backoffMs(attempt), holder.signal);
      }
    }
  }
  return null;
}
