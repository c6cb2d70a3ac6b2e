import type { Acceptor, History, RoomLog } from "@hubbub/broker";
import type { Logger } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";

/** What a source needs to be evaluated. */
export interface FlowContext {
  readonly broker: Pick<RoomLog, "heads" | "isAcceptDurable">;
  readonly acceptor: Pick<Acceptor, "accept">;
  readonly history: History;
  readonly store: Pick<Store, "flows">;
  readonly log: Logger;
  /** An event of a source has been evaluated; so many outputs came of it. */
  evaluated(outputs: number): void;
}

/** Another process may evaluate the source now: this one must write nothing more. */
export class LeaseEnded extends Error {
  override readonly name = "LeaseEnded";
}
