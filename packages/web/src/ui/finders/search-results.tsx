import type { SearchResult } from "@hubbub/protocol";
import { type KeyboardEvent, memo } from "react";
import { excerptOf, targetOf } from "../../model/message-search.ts";
import { Avatar } from "../message/avatar.tsx";
import { useChat, useModel } from "../model.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { clockOf, dayOf } from "../words.ts";

/** The panel covers the room then. */
const COVERING = "(max-width: 1080px)";
const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/** `isOfAll`: each result says which room it is in. */
export function SearchResults({ isOfAll }: { isOfAll: boolean }) {
  const { app } = useModel();
  const { query, results, hasMore, isLoading, error } = useChat((chat) => chat.found);
  const count = results.length === 1 ? "1 message" : `${results.length}${hasMore ? "+" : ""} messages`;
  const words = isLoading
    ? "Searching…"
    : query === "" || error !== ""
      ? ""
      : results.length > 0
        ? count
        : "Nothing found.";
  return (
    <section id="search-results" className="search-results" aria-label="Found messages">
      <p className="error" role="alert">
        {error}
      </p>
      <p className="muted" role="status">
        {words}
      </p>
      <ul onKeyDown={moveFocus}>
        {results.map((result) => (
          <Result key={`${result.room} ${result.seq}`} result={result} isOfAll={isOfAll} />
        ))}
      </ul>
      {hasMore && (
        <button
          type="button"
          id="search-more"
          disabled={isLoading}
          onClick={() => void app.chat?.own.finders.messages.more().catch(reportError)}
        >
          More
        </button>
      )}
    </section>
  );
}

const Result = memo(function Result({ result, isOfAll }: { result: SearchResult; isOfAll: boolean }) {
  const { app } = useModel();
  const overlays = useOverlays();
  const name = useChat((chat) => chat.lists.joined.find(({ id }) => id === result.room)?.name ?? "");
  const show = (): void => {
    const { room, seq, thread } = targetOf(result);
    if (matchMedia(COVERING).matches) overlays.closeSearch();
    if (thread === undefined) app.chat?.showMessage(room, seq);
    else app.chat?.showThread(room, thread);
  };
  return (
    <li>
      <button type="button" className="search-result" onClick={show}>
        <span className="search-about">
          <Avatar user={result.by.id} name={result.by.username} />
          <span className="search-by" dir="auto">
            {result.by.username}
          </span>
          <span className="muted" dir="auto">
            {isOfAll && `${name} · `}
            {dayOf(result.at)} {clockOf(result.at)}
            {result.thread !== undefined && " · thread"}
            {result.edited && " · edited"}
            {result.pinned && " · pinned"}
          </span>
        </span>
        <span className="search-text" dir="auto">
          {excerptOf(result).map(({ text, isHit }, index) =>
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never move
            isHit ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
          )}
        </span>
      </button>
    </li>
  );
});

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.key];
  const rows = [...event.currentTarget.querySelectorAll("button")];
  const at = rows.indexOf(event.target as HTMLButtonElement);
  const next = step === undefined || at < 0 ? undefined : rows[at + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
