import type { NodeInfo, UserId } from "@hubbub/protocol";
import type { Figures } from "./figures.ts";

export interface Active {
  readonly user: UserId;
  /** Unix ms. */
  readonly at: number;
}

/** The users online. Entries belong to a node. The node renews one lease for all of them. */
export interface Presence {
  /** What nodes tell of themselves to operators. */
  readonly figures: Figures;
  /** Renews the lease of the node (10 s) and publishes its figures. */
  renew(info: Omit<NodeInfo, "seenAt">): Promise<void>;
  /** Sets whether users have a connection at the node. The node counts the connections. Idempotent. */
  set(node: string, users: readonly UserId[], online: boolean): Promise<void>;
  /** When users last did something at the node, Unix ms. Ignores users who are not online at the node. */
  active(node: string, people: readonly Active[]): Promise<void>;
  /** Removes a node that shuts down: its users are offline at once. */
  drop(node: string): Promise<void>;
  online(users: readonly UserId[]): Promise<readonly boolean[]>;
  /** undefined: offline. 0: online, and it is not known when the user last did something. */
  activeAt(users: readonly UserId[]): Promise<readonly (number | undefined)[]>;
  nodes(): Promise<readonly NodeInfo[]>;
}
