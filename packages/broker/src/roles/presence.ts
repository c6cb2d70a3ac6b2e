import type { NodeInfo, UserId } from "@hubbub/protocol";

/** Who is online. Entries belong to a node, which renews one lease for all of them. */
export interface Presence {
  /** Renews the node's lease (10 s) and tells its figures. */
  renew(info: Omit<NodeInfo, "seenAt">): Promise<void>;
  /** Whether users have any connection at the node, which counts them itself. Told twice is as told once. */
  set(node: string, users: readonly UserId[], online: boolean): Promise<void>;
  /** A node leaves in good order: its people are offline at once. */
  drop(node: string): Promise<void>;
  online(users: readonly UserId[]): Promise<readonly boolean[]>;
  nodes(): Promise<readonly NodeInfo[]>;
}
