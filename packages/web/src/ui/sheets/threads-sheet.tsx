import type { MessageList, RoomId, ThreadPage } from "@hubbub/protocol";
import type { Chat } from "../../model/chat.ts";
import { useModel } from "../model.ts";
import { Dialog } from "../overlay/dialog.tsx";
import { useLoaded } from "../parts/use-loaded.ts";
import { clockOf, dayOf } from "../words.ts";

/** Threads that are listed; each costs a look at its first message. */
const THREADS_MAX = 20;

interface Thread {
  readonly room: RoomId;
  readonly seq: number;
  readonly about: string;
  readonly text: string;
}

/** The threads that the user follows, in all rooms. */
export function ThreadsSheet({ close }: { close: () => void }) {
  const { app } = useModel();
  const [threads] = useLoaded(() => loadThreads(app.chat));
  return (
    <Dialog id="sheet" title="Threads you follow" close={close}>
      <ul className="sheet-list">
        {threads === undefined && <li className="muted">Loading…</li>}
        {threads?.length === 0 && (
          <li className="muted">None yet. You follow threads that you answer in, or that mention you.</li>
        )}
        {threads?.map(({ room, seq, about, text }) => (
          <li key={`${room} ${seq}`}>
            <button
              type="button"
              className="thread-row quiet"
              onClick={() => {
                close();
                app.chat?.showThread(room, seq);
              }}
            >
              <span className="muted" dir="auto">
                {about}
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

async function loadThreads(chat: Chat | undefined): Promise<Thread[]> {
  const { threads } = (await chat?.do((http) => http.request<ThreadPage>("GET", "/me/threads"))) ?? { threads: [] };
  return Promise.all(
    threads.slice(0, THREADS_MAX).map(async ({ room, seq, count, at }) => {
      const found = await chat?.do(async (http) => ({
        name: (await http.room(room)).name,
        first: await http.request<MessageList>("GET", `/rooms/${room}/messages/${seq}`),
      }));
      const [event] = found?.first.messages ?? [];
      const text = found?.first.states?.[0]?.text ?? (event?.kind === "message" ? event.text : "");
      const replies = `${count} ${count === 1 ? "reply" : "replies"} · ${dayOf(at)} ${clockOf(at)}`;
      return { room, seq, about: `${found?.name ?? ""} · ${replies}`, text: `${event?.by.username ?? ""}: ${text}` };
    }),
  );
}
