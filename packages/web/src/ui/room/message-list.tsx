import { type Ref, useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import type { Talk } from "../../model/conversation.ts";
import { continuesNow } from "../../model/rows.ts";
import { DraftRow } from "../message/draft-row.tsx";
import { ItemRow } from "../message/item-row.tsx";
import { useTalk } from "../message/talk-context.ts";
import { EmptyRoom } from "./empty.tsx";
import { ItemsFrame } from "./items-frame.tsx";
import { listRows } from "./list-rows.ts";
import { NewerMessages } from "./newer-messages.tsx";
import { NewestButton } from "./newest-button.tsx";
import { News } from "./news.tsx";
import { OlderMessages } from "./older-messages.tsx";
import { useSteadyRows } from "./steady-rows.ts";
import { UnreadBar } from "./unread-bar.tsx";
import { useFollowing } from "./use-following.ts";
import { useSight } from "./use-sight.ts";
import { useTarget } from "./use-target.ts";

/** Height of what stands above the messages. The list reckons with it, so it never changes. */
const HEAD_PX = 56;

export interface ListHandle {
  toEnd(): void;
}

/** The messages of the open room. Only those near the ones in view are elements. */
export function MessageList({ ref, talk }: { ref: Ref<ListHandle>; talk: Talk }) {
  const scroll = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const virtual = useRef<VirtualizerHandle>(null);
  const { me, conversation } = useTalk();
  const { timeline, target } = talk;
  const drafts = timeline.drafts.filter(({ thread, broadcast }) => thread === undefined || broadcast === true);
  const readUpTo = useReadBefore(talk);
  const made = useMemo(() => listRows(timeline, { me: me.id, readUpTo }), [timeline, me.id, readUpTo]);
  const { rows, isShifted, window } = useSteadyRows(made, scroll);
  const newest = made.at(-1)?.item.seq ?? 0;
  const oldest = made[0]?.item.seq ?? 0;
  const following = useFollowing({ scroll, content, oldest, newest, isAtHead: !timeline.hasNewer });
  const { newsAfter, toEnd, stay } = following;
  const { found, measured } = useTarget({ target, rows, scroll, virtual, head: HEAD_PX, stay });
  const sight = useSight({ talk, rows, readUpTo, scroll, virtual });
  useImperativeHandle(ref, () => ({ toEnd }));
  return (
    <div className="list">
      {sight.isUnreadAbove && <UnreadBar jump={() => conversation.jump("unread")} dismiss={sight.dismiss} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: not every browser lets the keyboard scroll what has no focus */}
      <section ref={scroll} id="scroll" className="scroll" aria-label="Messages" tabIndex={0}>
        <div ref={content} className="scroll-content">
          <OlderMessages talk={talk} scroll={scroll} />
          <Virtualizer
            key={window}
            ref={virtual}
            as={ItemsFrame}
            data={rows}
            scrollRef={scroll}
            startMargin={HEAD_PX}
            shift={isShifted}
            onResize={() => {
              following.measured();
              measured();
            }}
          >
            {(row) => <ItemRow key={row.item.seq} {...row} isFound={row.item.seq === found} />}
          </Virtualizer>
          {made.length === 0 && drafts.length === 0 && isWhole(talk) && <EmptyRoom room={talk.room} />}
          <NewerMessages talk={talk} scroll={scroll} />
          <div id="drafts">
            {drafts.map((draft, index) => (
              <DraftRow
                key={draft.id}
                draft={draft}
                startsGroup={index === 0 && !continuesNow(made.at(-1)?.item, me)}
              />
            ))}
          </div>
        </div>
      </section>
      <NewestButton talk={talk} newsAfter={newsAfter} toEnd={toEnd} />
      <News items={timeline.hasNewer ? [] : timeline.items} me={me.id} />
    </div>
  );
}

function isWhole({ isLoading, timeline: { hasOlder, hasNewer } }: Talk): boolean {
  return !isLoading && !hasOlder && !hasNewer;
}

/** Up to where was read when the room was opened; undefined: that was all. What comes while somebody looks is not unread. */
function useReadBefore({ timeline: { head }, readAtOpening }: Talk): number | undefined {
  const [headAtOpening, setHead] = useState(head);
  useEffect(() => setHead((before) => before || head), [head]);
  return readAtOpening !== undefined && headAtOpening > readAtOpening ? readAtOpening : undefined;
}
