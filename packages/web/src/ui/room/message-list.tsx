import {
  type Ref,
  type RefObject,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import type { Talk } from "../../model/conversation.ts";
import { type Item, isInRoom, isStored, shownItems, type Timeline } from "../../model/timeline.ts";
import { DraftRow } from "../message/draft-row.tsx";
import { ItemRow, type ItemRowProps } from "../message/item-row.tsx";
import { useTalk } from "../message/talk-context.ts";
import { Icon } from "../parts/icon.tsx";
import { ItemsFrame } from "./items-frame.tsx";
import { News } from "./news.tsx";
import { OlderMessages } from "./older-messages.tsx";
import { useFollowing } from "./use-following.ts";

/** Height of what stands above the messages. The list reckons with it, so it never changes. */
const HEAD_PX = 56;
const FOUND_MS = 1_500;

export interface ListHandle {
  /** Scrolls to a message, where it is loaded. */
  jump(seq: number): void;
  toEnd(): void;
}

/** The messages of the open room. Only those near the ones in view are elements. */
export function MessageList({ ref, talk }: { ref: Ref<ListHandle>; talk: Talk }) {
  const scroll = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const virtual = useRef<VirtualizerHandle>(null);
  const { me, conversation } = useTalk();
  const shown = useShownItems(talk.timeline);
  const items = useMemo(() => shown.filter(isInRoom), [shown]);
  const drafts = talk.timeline.drafts.filter(({ thread }) => thread === undefined);
  const isShifted = useIsShifted(items, scroll);
  const { hasNews, toEnd, stay } = useFollowing({ scroll, content, newest: items.at(-1)?.seq ?? 0 });
  const { found, jump } = useJump(items, virtual, stay);
  const rows = useMemo(() => rowsOf(items, talk, found), [items, talk, found]);
  const toNewest = (): void => {
    conversation.toNewest();
    toEnd();
  };
  useImperativeHandle(ref, () => ({ toEnd, jump }));
  return (
    <div className="list">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: not every browser lets the keyboard scroll what has no focus */}
      <section ref={scroll} id="scroll" className="scroll" aria-label="Messages" tabIndex={0}>
        <div ref={content} className="scroll-content">
          <OlderMessages talk={talk} scroll={scroll} />
          <Virtualizer
            ref={virtual}
            as={ItemsFrame}
            data={rows}
            scrollRef={scroll}
            startMargin={HEAD_PX}
            shift={isShifted}
          >
            {(row) => <ItemRow key={row.item.seq} {...row} />}
          </Virtualizer>
          <div id="drafts">
            {drafts.map((draft) => (
              <DraftRow key={draft.id} draft={draft} />
            ))}
          </div>
        </div>
      </section>
      {(hasNews || talk.timeline.hasNewer) && (
        <button type="button" id="newest" className="newest" onClick={toNewest}>
          New messages <Icon name="down" />
        </button>
      )}
      <News items={items} me={me.id} />
    </div>
  );
}

function useJump(items: readonly Item[], virtual: RefObject<VirtualizerHandle | null>, stay: () => void) {
  const [found, setFound] = useState<number>();
  useEffect(() => {
    if (found === undefined) return;
    const timer = setTimeout(() => setFound(undefined), FOUND_MS);
    return () => clearTimeout(timer);
  }, [found]);
  const jump = (seq: number): void => {
    const index = items.findIndex((item) => item.seq === seq);
    if (index < 0) return;
    stay();
    virtual.current?.scrollToIndex(index, { align: "center" });
    setFound(seq);
  };
  return { found, jump };
}

/** The same while neither part changes. */
function useShownItems({ kept, items }: Timeline): readonly Item[] {
  return useMemo(() => shownItems({ kept, items }), [kept, items]);
}

function rowsOf(items: readonly Item[], { timeline }: Talk, found: number | undefined): ItemRowProps[] {
  const bySeq = new Map(shownItems(timeline).map((item) => [item.seq, item]));
  return items.map((item, index) => {
    const quoted = item.kind === "message" && item.event.replyTo ? bySeq.get(item.event.replyTo) : undefined;
    return {
      item,
      previous: items[index - 1],
      isStored: isStored(timeline, item),
      quoted: quoted?.kind === "message" ? quoted : undefined,
      isFound: item.seq === found,
    };
  });
}

/** Whether items came or went at the start: the list keeps its place from the end then. */
function useIsShifted(items: readonly Item[], scroll: RefObject<HTMLElement | null>): boolean {
  const before = useRef(items);
  const [first, firstBefore] = [items[0]?.seq, before.current[0]?.seq];
  const isShifted = first !== undefined && firstBefore !== undefined && first !== firstBefore;
  useLayoutEffect(() => {
    before.current = items;
    // The list has jumped to its place. It must know that before it measures the new items, and the event would be later.
    if (isShifted) queueMicrotask(() => scroll.current?.dispatchEvent(new Event("scroll")));
  });
  return isShifted;
}
