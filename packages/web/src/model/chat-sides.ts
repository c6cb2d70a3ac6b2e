import type { HubbubHttp } from "@hubbub/client";
import type { Room } from "@hubbub/protocol";
import { Invitations } from "./invitations.ts";
import { People } from "./people.ts";
import { Reports } from "./reports.ts";
import type { ChatState } from "./state.ts";

export interface SidesHost {
  readonly http: HubbubHttp;
  readonly signal: AbortSignal;
  isVisible(): boolean;
  change(change: (chat: ChatState) => ChatState): void;
  entered(room: Room): void;
  roomsChanged(): void;
  failed(error: unknown): void;
}

export interface Sides {
  readonly reports: Reports;
  readonly people: People;
  readonly invitations: Invitations;
}

/** What stands beside the rooms. */
export function makeSides(host: SidesHost): Sides {
  const { change } = host;
  const changed = (some: Partial<ChatState>): void => change((chat) => ({ ...chat, ...some }));
  return {
    reports: new Reports({ ...host, changed: (reports) => changed({ reports }) }),
    people: new People({ ...host, changed: (people) => changed({ people }) }),
    invitations: new Invitations({ ...host, changed }),
  };
}
