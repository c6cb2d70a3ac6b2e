import type { Limits, PublicUser } from "@hubbub/protocol";
import { HubbubError } from "./hubbub-error.ts";

export type ClientState =
  | { readonly state: "idle" }
  | { readonly state: "connecting"; readonly attempt: number }
  | {
      readonly state: "ready";
      readonly user: PublicUser;
      /** The gateway that serves this connection. */
      readonly node: string;
      readonly connection: string;
      readonly limits: Limits;
    }
  /** The connection was lost, or an attempt failed; the next one starts in `retryInMs`. `error`: why, where it is known. */
  | {
      readonly state: "waiting";
      readonly attempt: number;
      readonly retryInMs: number;
      readonly error?: HubbubError | undefined;
    }
  /** The end. `error` is absent when the client was closed by its owner. */
  | { readonly state: "closed"; readonly error?: HubbubError | undefined };

/** What the client had to make good, since it was created. */
export interface ClientStats {
  /** Connections after the first. */
  reconnects: number;
  /** Holes in the order of a room that nobody announced; each led to a fresh subscribe. */
  holes: number;
  /** Events that came again and were dropped. */
  duplicates: number;
  /** Own events that were sent again under the same id. */
  resent: number;
}

/** What a call on a closed client is refused with; undefined: the client is not closed. */
export function endedWith(state: ClientState): HubbubError | undefined {
  if (state.state !== "closed") return undefined;
  return new HubbubError("closed", state.error?.message, { cause: state.error });
}
