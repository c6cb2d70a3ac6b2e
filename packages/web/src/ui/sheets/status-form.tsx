import type { Person } from "@hubbub/client";
import type { PublicUser } from "@hubbub/protocol";
import { useEffect, useRef, useState } from "react";
import { endOf, STATUS_ENDS } from "../../model/status-end.ts";
import { useModel } from "../model.ts";
import { FormPart } from "../parts/form-part.tsx";
import { Field } from "../parts/part.tsx";
import { Toggle } from "../parts/toggle.tsx";

interface Said {
  readonly emoji: string;
  readonly text: string;
  /** One of `STATUS_ENDS`, or the moment that was chosen earlier. */
  readonly end: string;
  readonly isAway: boolean;
  readonly showsLastSeen: boolean;
}

const NOTHING: Said = { emoji: "", text: "", end: "never", isAway: false, showsLastSeen: true };

/** How others see the user, apart from being here. */
export function StatusForm({ me, close }: { me: PublicUser; close: () => void }) {
  const { app } = useModel();
  const [said, setSaid] = useState(NOTHING);
  const touched = useRef(new Set<string>());
  useEffect(() => {
    app.chat
      ?.do((http) => http.presence([me.id]))
      // What was typed meanwhile stays.
      .then((found) => touched.current.size === 0 && setSaid(saidOf(found?.[0])))
      .catch(reportError);
  }, [app, me.id]);
  const change = (part: Partial<Said>): void => {
    for (const key of Object.keys(part)) touched.current.add(key);
    setSaid((status) => ({ ...status, ...part }));
  };
  const save = async (): Promise<void> => {
    if ((await app.chat?.do((http) => http.setStatus(wishOf(said, touched.current)))) !== undefined) close();
  };
  return (
    <FormPart heading="Status" submit="Save" act={save}>
      <div className="field-row status-row">
        <input
          maxLength={8}
          aria-label="Emoji"
          placeholder="🍵"
          value={said.emoji}
          onChange={({ target }) => change({ emoji: target.value })}
        />
        <input
          id="status-text"
          dir="auto"
          maxLength={100}
          placeholder="What are you up to?"
          aria-label="Status"
          value={said.text}
          onChange={({ target }) => change({ text: target.value })}
        />
      </div>
      <EndField end={said.end} change={(end) => change({ end })} />
      <Toggle label="Show me as away" isOn={said.isAway} change={(is) => change({ isAway: is })} />
      <Toggle
        id="shows-last-seen"
        label="Show when I was last here"
        isOn={said.showsLastSeen}
        change={(is) => change({ showsLastSeen: is })}
      />
    </FormPart>
  );
}

function EndField({ end, change }: { end: string; change: (end: string) => void }) {
  const isKnown = STATUS_ENDS.some(([value]) => value === end);
  const kept = isKnown ? [] : [[end, new Date(Number(end)).toLocaleString()] as const];
  return (
    <Field label="The status ends">
      <select id="status-end" value={end} onChange={({ target }) => change(target.value)}>
        {[...STATUS_ENDS, ...kept].map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** Of oneself "last seen" is missing only where it is hidden. */
function saidOf(mine: Person | undefined): Said {
  if (mine === undefined) return NOTHING;
  const { emoji = "", text = "", until } = mine.status ?? {};
  const end = until === undefined ? "never" : `${until}`;
  return { emoji, text, end, isAway: mine.away, showsLastSeen: mine.lastSeen !== undefined };
}

/** What was not touched stays as it is at the server. */
function wishOf({ emoji, text, end, isAway, showsLastSeen }: Said, touched: ReadonlySet<string>) {
  const [icon, words] = [emoji.trim(), text.trim()];
  const status = {
    emoji: icon === "" ? undefined : icon,
    text: words === "" ? undefined : words,
    until: endOf(end),
  };
  return {
    ...(touched.has("isAway") && { away: isAway }),
    ...(touched.has("showsLastSeen") && { lastSeen: showsLastSeen }),
    ...(["emoji", "text", "end"].some((key) => touched.has(key)) && {
      status: icon === "" && words === "" ? null : status,
    }),
  };
}
