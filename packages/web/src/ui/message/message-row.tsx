import { memo } from "react";
import { type Message, textOf } from "../../model/timeline.ts";
import { Icon } from "../parts/icon.tsx";
import { clockOf, hueOf, shortClockOf } from "../words.ts";
import { Avatar, DisplayName } from "./avatar.tsx";
import { Files } from "./files.tsx";
import { permissionsOn } from "./message-choices.ts";
import { MessageTools } from "./message-tools.tsx";
import { Quote } from "./quote.tsx";
import { Reactions } from "./reactions.tsx";
import { useTalk } from "./talk-context.ts";
import { Text } from "./text.tsx";

export interface MessageRowProps {
  readonly message: Message;
  /** It stands under its own name, not under that of the message above. */
  readonly startsGroup: boolean;
  readonly isStored: boolean;
  /** The message a reply answers, where it is loaded. */
  readonly quoted?: Message | undefined;
  readonly isFound?: boolean;
  /** Inside of a thread nothing leads into it. */
  readonly isInThread?: boolean;
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, startsGroup: isFirst, quoted, isFound = false, isInThread = false } = props;
  const { event, state } = message;
  const classes = ["item", isFirst && "first", state.isPinned && "pinned", isFound && "found"];
  const hasThread = state.replies !== undefined;
  return (
    <article className={classes.filter(Boolean).join(" ")} data-seq={event.seq} aria-label={event.by.username}>
      {event.replyTo !== undefined && !state.isDeleted && <Quote seq={event.replyTo} quoted={quoted} />}
      {isFirst && <Head {...props} />}
      {!isFirst && <Stamp at={event.at} isShort />}
      <Body message={message} isStored={props.isStored} />
      {!state.isDeleted && event.files !== undefined && <Files message={message} />}
      {state.reactions.size > 0 && <Reactions message={message} />}
      {hasThread && !isInThread && <ThreadLink message={message} />}
      {event.thread !== undefined && !isInThread && <SharedFrom root={event.thread} />}
      {(!state.isDeleted || hasThread) && <MessageTools message={message} />}
    </article>
  );
});

function Head({ message: { event, state } }: MessageRowProps) {
  const { openPerson } = useTalk();
  return (
    <header className="item-head">
      <button
        type="button"
        className={`who ${hueOf(event.by.username)}`}
        aria-haspopup="menu"
        onClick={({ currentTarget }) => openPerson(event.by, currentTarget)}
      >
        <Avatar user={event.by.id} name={event.by.username} />
        <span dir="auto">{event.by.username}</span>
      </button>
      {event.by.bot === true && <span className="badge">bot</span>}
      <DisplayName user={event.by.id} />
      <Stamp at={event.at} />
      {state.isPinned && (
        <span className="pin-mark">
          <Icon name="pin" /> pinned
        </span>
      )}
    </header>
  );
}

function Stamp({ at, isShort = false }: { at: number; isShort?: boolean }) {
  return <time dateTime={new Date(at).toISOString()}>{isShort ? shortClockOf(at) : clockOf(at)}</time>;
}

function Body({ message, isStored }: { message: Message; isStored: boolean }) {
  const { expanded } = useTalk();
  const { event, state } = message;
  const marks = <Marks message={message} isStored={isStored} />;
  if (state.isDeleted)
    return (
      <>
        <div className="text deleted">This message was deleted.</div>
        {marks}
      </>
    );
  return (
    <Text id={event.id} text={textOf(message)} expanded={expanded} mentions={event.mentions}>
      {marks}
    </Text>
  );
}

/** Whether it was edited, and how far an own one is. */
function Marks({ message, isStored }: { message: Message; isStored: boolean }) {
  const { me } = useTalk();
  const { event, state } = message;
  const isOwn = event.by.id === me.id;
  if (!isOwn && state.edited === undefined) return null;
  return (
    <span className="marks">
      {state.edited !== undefined && <EditedMark message={message} />}
      {isOwn && (
        <span
          className={isStored ? "mark stored" : "mark"}
          role="img"
          aria-label={isStored ? "Stored" : "Sent"}
          title={isStored ? "Stored" : "Sent"}
        >
          <Icon name={isStored ? "checks" : "check"} />
        </span>
      )}
    </span>
  );
}

/** Leads to the earlier texts, for those who may read them. */
function EditedMark({ message }: { message: Message }) {
  const talk = useTalk();
  if (!permissionsOn(message, talk).revisions) return <span className="edited">edited</span>;
  return (
    <button type="button" className="edited" title="Earlier texts" onClick={() => talk.openRevisions(message)}>
      edited
    </button>
  );
}

function ThreadLink({ message: { event, state } }: { message: Message }) {
  const { openThread } = useTalk();
  const count = state.replies?.count ?? 0;
  return (
    <button type="button" className="thread-link" onClick={() => openThread(event.seq)}>
      <Icon name="thread" />
      <span className="words">{count === 1 ? "1 reply" : `${count} replies`}</span>
    </button>
  );
}

/** A reply that its author shows in the room leads to its thread. */
function SharedFrom({ root }: { root: number }) {
  const { openThread } = useTalk();
  return (
    <button type="button" className="thread-link" onClick={() => openThread(root)}>
      <Icon name="thread" />
      <span className="words">from a thread</span>
    </button>
  );
}
