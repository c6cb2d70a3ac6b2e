import type { NodeInfo, UserId } from "@hubbub/protocol";

/** The users online. Entries belong to a node. The node renews one lease for all of them. */
export interface Presence {
  /** Renews the lease of the node (10 s) and publishes its figures. */
  renew(info: Omit<NodeInfo, "seenAt">): Promise<void>;
  /** Sets whether users have a connection at the node. The node counts the connections. Idempotent. */
  set(node: string, users: readonly UserId[], online: boolean): Promise<void>;
  /** Removes a node that shuts down: its users are offline at once. */
  drop(node: string): Promise<void>;
  online(users: readonly UserId[]): Promise<readonly boolean[]>;
  nodes(): Promise<readonly NodeInfo[]>;
}
