/** What the keys do, as `.keys` tells. */
export const KEYS_USAGE: readonly string[] = [
  "rooms      Alt-↑ Alt-↓ or Ctrl-P Ctrl-N · Alt-1…9 · Alt-A next unread · Ctrl-K finds rooms and people",
  "messages   PgUp PgDn · End goes to the newest · Alt-U to the first unread one · Ctrl-↑ Ctrl-↓ or Shift-↑ Shift-↓ select one",
  "selected   r reply · + react · e edit · dd delete · p pin · t thread · Enter where it leads · Esc ends",
  "thread     Alt-T opens and closes the one of the selected or newest message",
  "line       Alt-Enter new line · Tab and Shift-Tab complete @name #room :emoji .command · ↑ in an empty line edits your last message",
  "           Alt-P Alt-N earlier lines · Esc cancels, and clears what the program has said",
  "others     .search WORDS · .pins · .threads · .image PATH · .file PATH · .usage lists all commands · Ctrl-C quits",
];
