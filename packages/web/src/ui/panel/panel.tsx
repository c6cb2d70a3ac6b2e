import type { RoomId } from "@hubbub/protocol";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Talk } from "../../model/conversation.ts";
import { isFollowed, type Panel as PanelState } from "../../model/panel.ts";
import { continuesNow, isOfGroup } from "../../model/rows.ts";
import { isStored } from "../../model/timeline.ts";
import { fitHeight } from "../fit-height.ts";
import { pressMark } from "../mark-keys.ts";
import { DraftRow } from "../message/draft-row.tsx";
import { MessageRow } from "../message/message-row.tsx";
import { useTalk } from "../message/talk-context.ts";
import { useChat, useModel } from "../model.ts";
import { Icon } from "../parts/icon.tsx";
import { IconButton } from "../parts/icon-button.tsx";

const END_PX = 60;

/** Beside the room: a thread, or the pinned messages. */
export function Panel({ talk, panel }: { talk: Talk; panel: PanelState }) {
  const { me, conversation } = useTalk();
  const isThread = panel.kind === "thread";
  const drafts = talk.timeline.drafts.filter(({ thread }) => panel.kind === "thread" && thread === panel.root);
  const list = useStayAtEnd(isThread, panel.items.length + drafts.length);
  useThreadMark(talk.room.id, panel);
  const close = (): void => {
    conversation.panels.show(undefined);
    document.getElementById("compose-text")?.focus();
  };
  const label = isThread ? "Messages of the thread" : "Pins";
  const hint = panel.isLoading ? "Loading…" : panel.items.length === 0 ? "Nothing is pinned here." : "";
  return (
    <aside id="panel" className="panel" aria-label={isThread ? "Thread" : "Pinned messages"}>
      <header className="talk-head">
        <h2 className="talk-title">{isThread ? "Thread" : "Pinned messages"}</h2>
        {panel.kind === "thread" && !panel.isLoading && <FollowButton panel={panel} root={panel.root} />}
        <IconButton id="panel-close" icon="close" label="Close" onClick={close} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: not every browser lets the keyboard scroll what has no focus */}
      <section ref={list} id="panel-items" className="panel-items" aria-label={label} tabIndex={0}>
        {panel.items.map((item, index) => (
          <MessageRow
            key={item.seq}
            message={item}
            startsGroup={!isThread || item.event.replyTo !== undefined || !isOfGroup(panel.items[index - 1], item)}
            isStored={isStored(talk.timeline, item)}
            isInThread={isThread}
          />
        ))}
        {drafts.map((draft, index) => (
          <DraftRow key={draft.id} draft={draft} startsGroup={index === 0 && !continuesNow(panel.items.at(-1), me)} />
        ))}
        {hint !== "" && <p className="note">{hint}</p>}
      </section>
      {panel.kind === "thread" && talk.closed === "" && <PanelComposer root={panel.root} />}
    </aside>
  );
}

function FollowButton({ panel, root }: { panel: PanelState; root: number }) {
  const { me, conversation } = useTalk();
  const isOn = isFollowed(panel, me.id);
  return (
    <IconButton
      id="thread-follow"
      icon={isOn ? "bell" : "bell-off"}
      label={isOn ? "You follow this thread: unfollow it" : "Follow this thread"}
      aria-pressed={isOn}
      onClick={() => conversation.panels.follow(root, !isOn)}
    />
  );
}

/** Replies that are shown are read. The list of threads may be loaded after them. */
function useThreadMark(room: RoomId, panel: PanelState): void {
  const { app } = useModel();
  const threads = useChat((chat) => chat.threads);
  const root = panel.kind === "thread" ? panel.root : undefined;
  const newest = panel.items.at(-1)?.seq ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: threads that are loaded may have news of this one
  useEffect(() => {
    if (root === undefined || document.visibilityState !== "visible") return;
    app.chat?.own.attention.threads.read(room, root, newest);
  }, [app, room, root, newest, threads]);
}

/** The end of a thread stays in view where it is. */
function useStayAtEnd(isThread: boolean, count: number) {
  const list = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const { current } = list;
    if (current === null) return;
    const scrolled = (): void => {
      isAtEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < END_PX;
    };
    current.addEventListener("scroll", scrolled);
    return () => current.removeEventListener("scroll", scrolled);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another count is another end
  useLayoutEffect(() => {
    if (isThread && isAtEnd.current && list.current !== null) list.current.scrollTop = list.current.scrollHeight;
  }, [isThread, count]);
  return list;
}

function PanelComposer({ root }: { root: number }) {
  const { conversation } = useTalk();
  const box = useRef<HTMLTextAreaElement>(null);
  const [isShared, setShared] = useState(false);
  useEffect(() => box.current?.focus(), []);
  const submit = (): void => {
    const { current } = box;
    if (current === null || current.value.trim() === "") return;
    conversation.send(current.value, { thread: root, ...(isShared && { broadcast: true }) });
    current.value = "";
    setShared(false);
    fitHeight(current);
    current.focus();
  };
  return (
    <form
      id="panel-compose"
      className="compose"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="compose-row">
        <textarea
          ref={box}
          id="panel-text"
          dir="auto"
          rows={1}
          aria-label="Reply in the thread"
          placeholder="Reply"
          enterKeyHint="send"
          onInput={({ currentTarget }) => fitHeight(currentTarget)}
          onKeyDown={({ nativeEvent, currentTarget, key, shiftKey }) => {
            if (pressMark(nativeEvent, currentTarget) || key !== "Enter" || shiftKey || nativeEvent.isComposing) return;
            nativeEvent.preventDefault();
            submit();
          }}
        />
        <button type="submit" className="send" aria-label="Send">
          <Icon name="send" />
        </button>
      </div>
      <label className="share">
        <input
          id="panel-share"
          type="checkbox"
          checked={isShared}
          onChange={({ target }) => setShared(target.checked)}
        />
        Show it in the room too
      </label>
    </form>
  );
}
