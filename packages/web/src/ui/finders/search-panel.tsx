import { type RefObject, useEffect, useRef, useState } from "react";
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
      <SearchForm isOfRoom={isOfRoom} turn={turn} isCovered={isCovered} />
    </aside>
  );
}

interface SearchFormProps {
  readonly isOfRoom: boolean;
  readonly turn: number;
  readonly isCovered: boolean;
}

function SearchForm({ isOfRoom, turn, isCovered }: SearchFormProps) {
  const { app } = useModel();
  const room = useChat((chat) => (chat.open?.stage === "in" ? chat.open.room : undefined));
  const [isHere, setHere] = useState(isOfRoom);
  const [text, setText] = useState("");
  const field = useField(turn, isCovered);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each turn begins where it was asked for
  useEffect(() => {
    setHere(isOfRoom);
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
        <QueryRow field={field} text={text} change={setText} />
        {room !== undefined && <Scope isHere={isHere} change={scope} />}
        <SearchHints isOpen={text === ""} add={add} />
      </form>
      <SearchResults isOfAll={!isHere || room === undefined} />
    </>
  );
}

/** The field has the focus whenever the search is asked for, and when a thread that covered it is closed. */
function useField(turn: number, isCovered: boolean) {
  const field = useRef<HTMLInputElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each turn asks for the field anew
  useEffect(() => {
    if (isCovered) return;
    field.current?.focus();
    field.current?.select();
  }, [turn, isCovered]);
  return field;
}

interface QueryRowProps {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly text: string;
  change(text: string): void;
}

function QueryRow({ field, text, change }: QueryRowProps) {
  return (
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
        onChange={({ target }) => change(target.value)}
      />
      <IconButton type="submit" icon="search" label="Search" />
    </div>
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
