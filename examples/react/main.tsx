import { createClient, HubbubHttp } from "@hubbub/client";
import { HubbubProvider, useConnection, useTimeline, useTyping, useUnread } from "@hubbub/client/react";
import { type FormEvent, StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

/** A chat in one room: `?room=ID`, or a new one. */
const url = location.origin;
const client = createClient({ url, tokens: await new HubbubHttp({ url }).guest() });
await client.connect();
const room =
  new URLSearchParams(location.search).get("room") ??
  (await client.http.createRoom({ name: `tea ${Date.now()}`, visibility: "public" })).id;
await client.http.joinRoom(room);

function Chat() {
  const { items, status, hasOlder, firstUnread, timeline } = useTimeline(room);
  const { typing, typed } = useTyping(room);
  const { unread } = useUnread();
  const connection = useConnection();
  const [text, setText] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    void timeline.send(text);
    setText("");
  };
  return (
    <main data-room={room}>
      <p id="status">
        {connection.state}, {status}, {unread} unread
      </p>
      {hasOlder && (
        <button type="button" onClick={() => void timeline.loadOlder()}>
          Older
        </button>
      )}
      <ol>
        {items.map((item) => (
          <li key={item.key} data-delivery={item.kind === "message" ? item.delivery : undefined}>
            {item.kind === "message" && item.seq === firstUnread && <hr />}
            {item.kind === "message" && `${item.by?.username ?? "me"}: ${item.text}`}
            {item.kind === "note" && `${item.event.by.username}: ${item.event.kind}`}
            {item.kind === "gap" && "something is missing here"}
          </li>
        ))}
      </ol>
      <p id="typing">{typing.map(({ username }) => username).join(", ")}</p>
      <form onSubmit={send}>
        <input value={text} onChange={(event) => setText(event.target.value)} onInput={typed} aria-label="Message" />
      </form>
    </main>
  );
}

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <HubbubProvider client={client}>
      <Chat />
    </HubbubProvider>
  </StrictMode>,
);
