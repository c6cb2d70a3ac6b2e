import { type KeyboardEvent, useEffect } from "react";
import type { SwitcherState } from "../../model/switcher.ts";
import { useChat, useModel } from "../model.ts";
import { Icon } from "../parts/icon.tsx";
import { EntryRow } from "./entry-row.tsx";

const LIST = "switcher-list";
const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/** What is typed, and what it leads to. The focus stays in the field. */
export function SwitcherBox({ go }: { go: (key?: string) => void }) {
  const state = useChat((chat) => chat.switcher);
  const { entries = [], chosen } = state ?? {};
  const index = entries.findIndex(({ key }) => key === chosen);
  const active = index < 0 ? undefined : optionId(index);
  useEffect(() => {
    if (active !== undefined) document.getElementById(active)?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <>
      <Field active={active} go={go} />
      <div id={LIST} role="listbox" className="switcher-list" aria-label="Places">
        {entries.map((entry, at) => (
          <EntryRow
            key={entry.key}
            id={optionId(at)}
            entry={entry}
            isChosen={entry.key === chosen}
            choose={() => go(entry.key)}
          />
        ))}
      </div>
      <p className="switcher-foot muted" role="status">
        {footOf(state)}
      </p>
    </>
  );
}

function Field({ active, go }: { active: string | undefined; go: () => void }) {
  const { app } = useModel();
  const switcher = app.chat?.own.finders.switcher;
  const press = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (event.nativeEvent.isComposing || (step === undefined && event.key !== "Enter")) return;
    event.preventDefault();
    if (step === undefined) go();
    else switcher?.move(step);
  };
  return (
    <div className="switcher-field">
      <Icon name="search" />
      <input
        id="switcher-query"
        role="combobox"
        dir="auto"
        aria-label="Go to a room, a person or a message"
        aria-expanded={active !== undefined}
        aria-controls={LIST}
        aria-autocomplete="list"
        aria-activedescendant={active}
        placeholder="Room, person or words of a message"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={128}
        enterKeyHint="go"
        onChange={({ target }) => switcher?.type(target.value)}
        onKeyDown={press}
      />
    </div>
  );
}

function footOf(state: SwitcherState | undefined): string {
  if (state === undefined || state.isSearching) return "Searching…";
  if (state.entries.length > 0) return "Arrows choose, Enter opens, Escape closes.";
  return state.query.trim() === "" ? "You are in no room yet." : "Nothing found.";
}

function optionId(index: number): string {
  return `switcher-option-${index}`;
}
