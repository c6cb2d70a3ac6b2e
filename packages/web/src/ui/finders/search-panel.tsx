import { useEffect, useRef, useState } from "react";
import { searchIn } from "../../model/message-search.ts";
import { useChat, useModel } from "../model.ts";
import { useOverlay, useOverlays } from "../overlay/use-overlays.ts";
import { IconButton } from "../parts/icon-button.tsx";
import { SearchHints } from "./search-hints.tsx";
import { SearchResults } from "./search-results.tsx";

/** Beside the room until it is closed. A thread that is opened covers it. */
export function SearchPanel() {
  const search = useOverlay((state) => state.search);
  return search === undefined ? null : <OpenPanel isOfRoom={search.isOfRoom} turn={search.turn} />;
}

function OpenPanel({ isOfRoom, turn }: { isOfRoom: boolean; turn: number }) {
  const { app } = useModel();
  const overlays = useOverlays();
  const isCovered = useChat(({ open, talks }) => open !== undefined && talks.get(open.id)?.panel !== undefined);
  const close = (): void => {
    app.chat?.own.finders.messages.close();
    overlays.closeSearch();
    document.getElementById("compose-text")?.focus();
  };
  return (
    <aside
      id="search"
      className="panel search-panel"
      aria-label="Search of messages"
      hidden={isCovered}
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <header className="talk-head">
        <h2 className="talk-title">Search</h2>
        <IconButton id="search-close" icon="close" label="Close" onClick={close} />
      </header>
      <SearchForm isOfRoom={isOfRoom} turn={turn} />
    </aside>
  );
}

function SearchForm({ isOfRoom, turn }: { isOfRoom: boolean; turn: number }) {
  const { app } = useModel();
  const room = useChat((chat) => (chat.open?.stage === "in" ? chat.open.room : undefined));
  const [isHere, setHere] = useState(isOfRoom);
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each turn asks for the field anew
  useEffect(() => {
    setHere(isOfRoom);
    field.current?.select();
  }, [turn, isOfRoom]);
  const search = (query: string, here: boolean): void => {
    const whole = here && room !== undefined && query.trim() !== "" ? searchIn(room.id, query) : query;
    app.chat?.own.finders.messages.search(whole).catch(reportError);
  };
  const scope = (here: boolean): void => {
    setHere(here);
    if (text.trim() !== "") search(text, here);
  };
  const add = (part: string): void => {
    setText((before) => `${before.trimEnd()}${before.trim() === "" ? "" : " "}${part}`);
    field.current?.focus();
  };
  return (
    <>
      <form
        id="search-form"
        className="search-form"
        onSubmit={(event) => {
          event.preventDefault();
          search(text, isHere);
        }}
      >
        <div className="search-row">
          <input
            ref={field}
            id="search-query"
            type="search"
            dir="auto"
            aria-label="Search messages"
            placeholder="Words, or from:name"
            maxLength={512}
            enterKeyHint="search"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
          <IconButton type="submit" icon="search" label="Search" />
        </div>
        {room !== undefined && <Scope isHere={isHere} change={scope} />}
        <SearchHints isOpen={text === ""} add={add} />
      </form>
      <SearchResults isOfAll={!isHere || room === undefined} />
    </>
  );
}

function Scope({ isHere, change }: { isHere: boolean; change: (isHere: boolean) => void }) {
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">Where</legend>
      {[true, false].map((here) => (
        <label key={`${here}`}>
          <input type="radio" name="where" checked={isHere === here} onChange={() => change(here)} />
          <span>{here ? "This room" : "All rooms"}</span>
        </label>
      ))}
    </fieldset>
  );
}
