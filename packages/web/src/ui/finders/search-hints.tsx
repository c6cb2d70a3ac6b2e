const HINTS = [
  ["from:", "of somebody"],
  ["in:", "in a room"],
  ["after:", "after a day, as 2026-01-31"],
  ["before:", "before a day"],
  ["has:link", "with a link"],
  ["has:file", "with a file"],
  ["is:pinned", "pinned"],
  ['"…"', "words next to each other, in this order"],
  ["-", "without a word"],
] as const;

/** What a query can have besides words. A press adds it. */
export function SearchHints({ isOpen, add }: { isOpen: boolean; add: (part: string) => void }) {
  return (
    <details className="search-hints" open={isOpen}>
      <summary className="muted">Narrow it</summary>
      <ul>
        {HINTS.map(([part, meaning]) => (
          <li key={part}>
            <button type="button" className="small" onClick={() => add(part.replace("…", ""))}>
              <code>{part}</code>
            </button>
            <span className="muted">{meaning}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
