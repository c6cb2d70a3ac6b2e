import type { RoomId, UserId } from "@hubbub/protocol";

/** A control message: gateways answer which of their connections match all that is given. */
export interface Question {
  readonly type: "asked";
  readonly id: string;
  readonly node?: string | undefined;
  readonly room?: RoomId | undefined;
  readonly user?: UserId | undefined;
  /** Only connections with a later id. */
  readonly after?: string | undefined;
  /** Connections in the answer; 0: counts alone. */
  readonly limit: number;
}

/** What operators look at. Nothing of it is durable, and all of it expires. Texts are JSON of the caller. */
export interface Figures {
  /** Replaces what the node told before. It is kept for an hour after the last call. */
  tell(node: string, text: string): Promise<void>;
  /** What all nodes told, and how long ago, ms. */
  told(): Promise<readonly { readonly text: string; readonly agoMs: number }[]>;
  /** The node ends in order: it is forgotten. */
  drop(node: string): Promise<void>;
  /** Of a node, to a question. Kept for ten seconds. */
  answer(question: string, node: string, text: string): Promise<void>;
  /** In the order of the nodes; null: it has not answered yet. */
  answers(question: string, nodes: readonly string[]): Promise<readonly (string | null)[]>;
}
