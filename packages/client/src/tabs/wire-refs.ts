import { type ErrorCode, isRetryable, type ServerFrame } from "@hubbub/protocol";
import type { FrameHead } from "./frame-head.ts";
import type { Tab } from "./tab.ts";

/** Answers true while further answers to the same request are to come. */
export type OnAnswer = (text: string, frame: ServerFrame) => boolean;

/** `tab`: who asked. `length`: of its frame, once that is on the wire. */
interface Waiting {
  readonly onAnswer: OnAnswer;
  readonly tab: Tab | undefined;
  length: number;
}

/** The refs and rounds of one connection, in place of those that its tabs use. */
export class WireRefs {
  /** Bounded by what each tab may have unanswered. */
  readonly #waiting = new Map<number, Waiting>();
  #lastRef = 0;
  #round = 0;

  open(onAnswer: OnAnswer, tab?: Tab): number {
    const ref = ++this.#lastRef;
    this.#waiting.set(ref, { onAnswer, tab, length: 0 });
    return ref;
  }

  sent({ ref }: FrameHead, length: number): void {
    const waiting = ref === undefined ? undefined : this.#waiting.get(ref);
    if (waiting !== undefined) waiting.length = length;
  }

  /** Whose frame is the longest on the wire. */
  get longest(): Tab | undefined {
    const ofTabs = [...this.#waiting.values()].filter(({ tab, length }) => tab !== undefined && length > 0);
    return ofTabs.sort((one, other) => other.length - one.length)[0]?.tab;
  }

  answer({ ref }: FrameHead, text: string): void {
    const waiting = ref === undefined ? undefined : this.#waiting.get(ref);
    if (ref === undefined || waiting === undefined) return;
    const isAwaited = waiting.onAnswer(text, JSON.parse(text) as ServerFrame);
    if (!isAwaited) this.#waiting.delete(ref);
  }

  /**
   * A tab's round on the wire. All events of one round of a tab have one there, so that the server refuses the later ones
   * of them behind a refused one; a new round of a tab is above every round in which something was refused.
   */
  roundOf(tab: Tab, own: number): number {
    if (tab.round?.own !== own) tab.round = { own, wire: this.#round };
    return tab.round.wire;
  }

  refused(wire: number, code: ErrorCode): void {
    if (isRetryable(code)) this.#round = Math.max(this.#round, wire + 1);
  }
}
