import { setTimeout as delay } from "node:timers/promises";
import { announce } from "@hubbub/api";
import { type Broker, BrokerUnavailable, createAcceptor } from "@hubbub/broker";
import { ANNOUNCEMENTS_ROOM, type EventId, newId, type PublicUser } from "@hubbub/protocol";
import type { Store } from "@hubbub/store";
import { AdminRefused } from "./refused.ts";

const STORED_WITHIN_MS = 30_000;
const POLL_MS = 100;

/** Waits until it is stored: this process does not stay to offer it again if Redis loses it. @throws AdminRefused */
export async function announceStored(
  { store, broker }: { readonly store: Store; readonly broker: Broker },
  by: PublicUser,
  text: string,
): Promise<number> {
  await using acceptor = createAcceptor({ broker, beginEpoch: store.rooms.beginEpoch });
  try {
    const message = { id: newId<EventId>(), text };
    const { seq } = await announce({ store, acceptor }, by, message, { by: "operator" });
    if (await isStored(broker, seq)) return seq;
  } catch (error) {
    if (!(error instanceof BrokerUnavailable)) throw error;
    throw new AdminRefused("Redis cannot be reached: look whether it was announced before you repeat it");
  }
  throw new AdminRefused("it is announced, but no writer has stored it yet: look after the writers");
}

async function isStored(broker: Broker, seq: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < STORED_WITHIN_MS; waitedMs += POLL_MS) {
    const [head] = await broker.heads([ANNOUNCEMENTS_ROOM]);
    if ((head?.durable ?? 0) >= seq) return true;
    await delay(POLL_MS);
  }
  return false;
}
