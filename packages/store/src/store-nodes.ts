import type { NodeState } from "@hubbub/protocol";
import type { Acting } from "./store-audit.ts";

/** A process of a cluster, as it announces itself. */
export interface ClusterNode {
  readonly name: string;
  /** Separated by commas. */
  readonly roles: string;
  /** Version of the build, for people. */
  readonly build: string;
}

/** What a process tells of itself every few seconds. */
export interface NodeNews {
  readonly state: NodeState;
  /** Of a gateway, otherwise 0. */
  readonly connections: number;
  /** Connections that it still has to ask to move. */
  readonly moving: number;
}

/** What a process is to do. */
export interface NodeOrders {
  readonly isDrained: boolean;
  /** The process itself is to be drained, whatever its zone is. */
  readonly isAlone?: true | undefined;
  /** Connections to move, told once. */
  readonly moves: number;
}

export interface NodeRecord extends ClusterNode, NodeNews {
  /** Empty: none. */
  readonly zone: string;
  readonly isZoneDrained: boolean;
  /** The process itself is drained. */
  readonly isDrainedAlone: boolean;
  /** Ordered, and the gateway has not taken the order yet. */
  readonly moves: number;
  /** Shards that it writes. */
  readonly shards: number;
  /** It has told nothing for a while: dead, or without Postgres, or of a build that knows no zones. */
  readonly isSilent: boolean;
}

export interface Moves {
  readonly node: string;
  readonly connections: number;
  readonly moves: number;
}

/** Which processes run, what they do, and what operators want of them. */
export interface Nodes {
  /**
   * Announces the process for two minutes; call it every `NODE_RENEW_MS`. Waits for a contract that is being applied.
   */
  renew(node: ClusterNode): Promise<void>;
  /** Removes the announcement at an orderly exit. */
  drop(name: string): Promise<void>;
  /** One statement: tells the zone and the news of a process that is announced, and takes its orders. */
  look(name: string, zone: string, news: NodeNews): Promise<NodeOrders>;
  /** Those with a lease, by name. */
  list(): Promise<readonly NodeRecord[]>;
  /** The zones that are drained, also those without a process. */
  drained(): Promise<readonly string[]>;
  /** Answers false when it is drained already. @throws ProtocolError unknown_zone, zone_needed */
  drain(zone: string, acting: Acting): Promise<boolean>;
  /** Answers false when it is not drained. @throws ProtocolError unknown_zone */
  undrain(zone: string, acting: Acting): Promise<boolean>;
  /** The same of one process, whatever its zone is. @throws ProtocolError not_found, zone_needed */
  drainProcess(name: string, acting: Acting): Promise<boolean>;
  /** @throws ProtocolError not_found */
  undrainProcess(name: string, acting: Acting): Promise<boolean>;
  /**
   * Asks the fullest gateways to move connections, each at most `maxShare` of its own. An order that is not taken in half a minute is void.
   * @throws ProtocolError rebalance_needless, rebalance_running
   */
  rebalance(maxShare: number, acting: Acting): Promise<readonly Moves[]>;
}
