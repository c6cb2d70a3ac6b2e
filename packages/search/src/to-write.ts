import { type Document, type PresentMessage, SEARCH_FLAGS, type SearchIndex } from "@hubbub/store";
import { toIndexText } from "./search-text.ts";

type Unindexed = Awaited<ReturnType<SearchIndex["changed"]>>;
type IndexWrite = Parameters<SearchIndex["write"]>[1];

const LINK = /\bhttps?:\/\/\S/i;

/** What the index must have after this: a function of the messages as they are now. */
export function toWrite({ messages, entries, range }: Unindexed): IndexWrite {
  const documents = messages.flatMap((message) => toDocument(message) ?? []);
  const removed = messages.filter(({ text }) => text === null).map(({ room, seq }) => ({ room, seq }));
  return { documents, removed, entries, range };
}

function toDocument({ room, seq, at, user, text, hasFile, isPinned }: PresentMessage): Document | null {
  if (text === null) return null;
  const flags =
    (LINK.test(text) ? SEARCH_FLAGS.link : 0) |
    (hasFile ? SEARCH_FLAGS.file : 0) |
    (isPinned ? SEARCH_FLAGS.pinned : 0);
  return { room, seq, at, user, text: toIndexText(text), flags };
}
