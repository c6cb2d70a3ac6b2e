import { useMemo, useRef, useState } from "react";
import type { Open } from "../../model/state.ts";
import { mayInRoom } from "../may-in-room.ts";
import { TalkContext, type TalkParts } from "../message/talk-context.ts";
import { useChat, useModel } from "../model.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { Panel } from "../panel/panel.tsx";
import { openPersonMenu } from "../sheets/person-menu.ts";
import { Composer } from "./composer.tsx";
import { DropTarget } from "./drop-target.tsx";
import { NoRoom } from "./empty.tsx";
import { JoinPane } from "./join-pane.tsx";
import { type ListHandle, MessageList } from "./message-list.tsx";
import { RoomHead } from "./room-head.tsx";
import { SlowLine } from "./slow-line.tsx";
import type { Subject } from "./subject.ts";

/** The open room: head, messages, box, and the panel beside them; or the question whether to join. */
export function RoomArea() {
  const { app } = useModel();
  const open = useChat((chat) => chat.open);
  const isIn = open?.stage === "in";
  const talk = useChat((chat) => (chat.open?.stage === "in" ? chat.talks.get(chat.open.id) : undefined));
  const conversation = isIn ? app.chat?.conversation(open.id) : undefined;
  const [subject, setSubject] = useState<Subject>();
  const list = useRef<ListHandle>(null);
  const parts = useTalkParts(conversation, setSubject);
  const silence = talk?.closed || silenceIn(open);
  return (
    <TalkContext value={parts}>
      <DropTarget conversation={silence === "" ? conversation : undefined} stage={open?.stage ?? "none"}>
        {open === undefined && <NoRoom />}
        {open !== undefined && <RoomHead open={open} />}
        {open !== undefined && !isIn && <JoinPane open={open} />}
        {parts !== undefined && talk !== undefined && (
          <>
            <MessageList ref={list} talk={talk} />
            <p id="closed" className={talk.closed === "" ? "closed calm" : "closed"} role="status">
              {silence}
            </p>
            <Composer
              talk={talk}
              canWrite={silence === ""}
              subject={subject}
              setSubject={setSubject}
              sent={() => list.current?.toEnd()}
            />
            <p id="typing" className="typing" dir="auto">
              <SlowLine key={talk.slow?.until} slow={talk.slow} />
              {talk.typing}
            </p>
          </>
        )}
      </DropTarget>
      {parts !== undefined && talk?.panel !== undefined && (
        <Panel key={talk.panel.kind === "thread" ? talk.panel.root : "pins"} talk={talk} panel={talk.panel} />
      )}
    </TalkContext>
  );
}

function useTalkParts(
  conversation: TalkParts["conversation"] | undefined,
  setSubject: (subject: Subject) => void,
): TalkParts | undefined {
  const { app } = useModel();
  const overlays = useOverlays();
  const me = useChat((chat) => chat.me);
  return useMemo(
    () =>
      conversation && {
        me,
        conversation,
        expanded: new Set<string>(),
        reply: (message) => setSubject({ kind: "reply", message }),
        edit: (message) => setSubject({ kind: "edit", message }),
        openThread: (root) => conversation.panels.show({ kind: "thread", root }),
        openRevisions: (message) => overlays.openSheet({ kind: "revisions", room: conversation.room, message }),
        openPerson: (user, anchor) => {
          if (user.id === me.id) overlays.openSheet({ kind: "me" });
          else openPersonMenu(user, undefined, anchor, { app, overlays, room: conversation.room });
        },
        jump: (seq) => conversation.jump({ seq }),
      },
    [app, overlays, me, conversation, setSubject],
  );
}

/** Why nothing can be written; "" where it can. */
function silenceIn(open: Open | undefined): string {
  const { room } = open ?? {};
  if (open?.stage !== "in" || room === undefined) return "";
  if (room.settings?.archived) return "This room is archived: everybody reads, nobody writes.";
  return mayInRoom(room, "post") ? "" : "Your role does not let you write here.";
}
