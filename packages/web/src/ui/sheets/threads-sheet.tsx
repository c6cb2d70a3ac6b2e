import type { FollowedThread, MessageList, RoomId } from "@hubbub/protocol";
import type { Chat } from "../../model/chat.ts";
import { plainLine } from "../../model/markdown.ts";
import { useChat, useModel } from "../model.ts";
import { Dialog } from "../overlay/dialog.tsx";
import { useLoaded } from "../parts/use-loaded.ts";
import { Unread } from "../side/counts.tsx";
import { clockOf, dayOf } from "../words.ts";

/** Threads that are listed; each costs a look at its first message. */
const THREADS_MAX = 20;
/** Of their first messages, what is looked at: more than fits. */
const SHOWN_MAX = 300;

interface Beginning {
  readonly room: RoomId;
  readonly seq: number;
  readonly name: string;
  readonly text: string;
}

/** The threads that the user follows, in all rooms. */
export function ThreadsSheet({ close }: { close: () => void }) {
  const { app } = useModel();
  const followed = useChat((chat) => chat.threads);
  const [beginnings] = useLoaded(() => loadBeginnings(app.chat));
  const threads = beginnings?.flatMap((beginning) => {
    const thread = followed?.find(({ room, seq }) => room === beginning.room && seq === beginning.seq);
    return thread === undefined ? [] : [{ ...beginning, thread }];
  });
  return (
    <Dialog id="sheet" title="Threads you follow" close={close}>
      <ul className="sheet-list">
        {threads === undefined && <li className="muted">Loading…</li>}
        {threads?.length === 0 && (
          <li className="muted">None yet. You follow threads that you answer in, or that mention you.</li>
        )}
        {threads?.map(({ room, seq, name, text, thread }) => (
          <li key={`${room} ${seq}`}>
            <button
              type="button"
              className={thread.unread > 0 ? "thread-row quiet has-news" : "thread-row quiet"}
              onClick={() => {
                close();
                app.chat?.showThread(room, seq);
              }}
            >
              <span className="thread-about muted">
                <bdi>{name}</bdi> · {repliesOf(thread)}
                <Unread count={thread.unread} isExact />
              </span>
              <span className="thread-text" dir="auto">
                {text}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function repliesOf({ count, at }: FollowedThread): string {
  return `${count} ${count === 1 ? "reply" : "replies"} · ${dayOf(at)} ${clockOf(at)}`;
}

async function loadBeginnings(chat: Chat | undefined): Promise<Beginning[]> {
  const threads = (await chat?.do(() => chat.own.attention.threads.load())) ?? [];
  return Promise.all(
    threads.slice(0, THREADS_MAX).map(async ({ room, seq }) => {
      const found = await chat?.do(async (http) => ({
        name: (await http.room(room)).name,
        first: await http.request<MessageList>("GET", `/rooms/${room}/messages/${seq}`),
      }));
      const [event] = found?.first.messages ?? [];
      const text = found?.first.states?.[0]?.text ?? (event?.kind === "message" ? event.text : "");
      return {
        room,
        seq,
        name: found?.name ?? "",
        text: `${event?.by.username ?? ""}: ${plainLine(text.slice(0, SHOWN_MAX))}`,
      };
    }),
  );
}
