import type { Client, HubbubError } from "@hubbub/client";
import type { PublicUser, RoomEvent } from "@hubbub/protocol";
import type { FileLinks } from "./file-links.ts";
import type { Talk } from "./talk.ts";

/** What a talk needs of the program around it. */
export interface TalkHost {
  readonly client: Pick<Client, "room" | "http" | "state">;
  readonly links: FileLinks;
  me(): PublicUser | undefined;
  /** Something is to be drawn anew. */
  changed(): void;
  heard(talk: Talk, event: RoomEvent): void;
  /** Another connection of the user has read up to `seq`. */
  readElsewhere(talk: Talk, seq: number): void;
  /** The server lets the user hear this room no more. */
  refused(talk: Talk, error: HubbubError): void;
  failed(error: unknown, talk: Talk): void;
  explain(error: HubbubError): string;
  /** Repeats work that a lost connection ended. @throws what cannot succeed later */
  persist(work: () => Promise<void>): Promise<void>;
}
