import type { RoomEvent } from "@hubbub/protocol";
import { HubbubError } from "../hubbub-error.ts";
import type { PendingMessage } from "../outbox.ts";
import type { Outcome } from "../room-listener.ts";
import type { Outgoing } from "./timeline-items.ts";

/** Refused messages that are shown; at the bound the oldest go. What is being sent has the bound of the outbox. */
const REFUSED_MAX = 100;

/** Own messages whose events have not come yet, in the order in which they were given. */
export class OutgoingMessages {
  readonly #all = new Map<string, Outgoing>();

  get all(): readonly Outgoing[] {
    return [...this.#all.values()];
  }

  get(id: string): Outgoing | undefined {
    return this.#all.get(id);
  }

  /** The timeline begins: what was taken while it did not work is on its page. Refused ones stay. */
  begin(pending: readonly PendingMessage[]): void {
    for (const { id, delivery } of this.all) if (delivery !== "refused") this.#all.delete(id);
    for (const message of pending) this.sending(message);
  }

  sending({ id, text, replyTo, thread, broadcast, files }: Omit<PendingMessage, "room" | "state">): void {
    const options = { replyTo, thread, broadcast, files };
    this.#all.delete(id);
    this.#all.set(id, { id, text, ...options, at: Date.now(), delivery: "sending" });
  }

  /** `newest`: events up to here were told. What is not known here was given up. */
  heard({ id, ...message }: PendingMessage, outcome: Outcome, newest: number): void {
    if (outcome.state === "sending") {
      this.sending({ id, ...message });
      return;
    }
    const known = this.#all.get(id);
    if (known === undefined) return;
    if (outcome.state === "refused") this.refused(known, outcome.error);
    else if (outcome.published.seq <= newest) this.#all.delete(id);
    else this.#all.set(id, { ...known, delivery: "accepted", seq: outcome.published.seq });
  }

  refused(outgoing: Omit<Outgoing, "delivery">, error: HubbubError): void {
    this.#all.set(outgoing.id, { ...outgoing, delivery: "refused", seq: undefined, error });
    const refused = this.all.filter(({ delivery }) => delivery === "refused");
    const [oldest] = refused;
    if (refused.length > REFUSED_MAX && oldest !== undefined) this.#all.delete(oldest.id);
  }

  /** An event stands for its message, and everything up to `newest` was told. */
  passed(event: RoomEvent | undefined, isOwn: boolean, newest: number): void {
    if (event !== undefined && isOwn) this.#all.delete(event.id);
    for (const { id, seq = Number.POSITIVE_INFINITY } of this.all) if (seq <= newest) this.#all.delete(id);
  }

  remove(id: string): void {
    this.#all.delete(id);
  }

  /** Refused while the timeline did not work, so that no listener has told it. */
  unheard(id: string, error: unknown): void {
    const known = this.#all.get(id);
    if (known?.delivery === "sending" && error instanceof HubbubError) this.refused(known, error);
  }

  /** Of a client that ended before it took the message. */
  neverTaken(outgoing: Omit<Outgoing, "delivery" | "at">, error: unknown): void {
    if (this.#all.has(outgoing.id) || !(error instanceof HubbubError)) return;
    this.refused({ ...outgoing, at: Date.now() }, error);
  }
}
