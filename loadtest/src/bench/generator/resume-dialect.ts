/** Where a client stands in its room. */
export interface Position {
  readonly seq: number;
  readonly epoch: string | number;
}

/** What a server said, as far as a returning client needs it. */
export type Answer =
  | { readonly kind: "greeted" }
  /** `epoch`: undefined where events do not carry it; it is then that of the subscription. */
  | { readonly kind: "event"; readonly seq: number; readonly epoch?: Position["epoch"] }
  /** `seqs`: events that came within the answer itself. */
  | {
      readonly kind: "live";
      readonly head: Position;
      readonly recovered: boolean;
      readonly seqs: readonly number[];
    }
  | { readonly kind: "gap"; readonly to: number }
  | { readonly kind: "ping"; readonly answer: Buffer }
  | { readonly kind: "refused" }
  | { readonly kind: "other" };

/** How a client greets a server, enters its one room, and resumes in it. */
export interface ResumeDialect {
  readonly path: string;
  readonly subprotocol: string | undefined;
  readonly lines: boolean;
  greeting(token: string): Buffer;
  /** `since`: null for a client that was not subscribed before. */
  subscription(room: string, since: Position | null): Buffer;
  read(bytes: Buffer, start: number, end: number): Answer;
}
