import type { PublicUser } from "@hubbub/protocol";
import { useEffect, useRef, useState } from "react";
import { useModel } from "../model.ts";
import { FormPart } from "../parts/form-part.tsx";
import { Toggle } from "../parts/toggle.tsx";

/** How others see the user, apart from being here. */
export function StatusForm({ me, close }: { me: PublicUser; close: () => void }) {
  const { app } = useModel();
  const [{ emoji, text, isAway }, setStatus] = useState({ emoji: "", text: "", isAway: false });
  const isTouched = useRef(false);
  useEffect(() => {
    app.chat
      ?.do((http) => http.presence([me.id]))
      .then((found) => {
        const [mine] = found ?? [];
        // What was typed meanwhile stays.
        if (isTouched.current) return;
        setStatus({
          emoji: mine?.status?.emoji ?? "",
          text: mine?.status?.text ?? "",
          isAway: mine?.away === true,
        });
      })
      .catch(reportError);
  }, [app, me.id]);
  const change = (part: Partial<{ emoji: string; text: string; isAway: boolean }>): void => {
    isTouched.current = true;
    setStatus((status) => ({ ...status, ...part }));
  };
  const save = async (): Promise<void> => {
    const [icon, words] = [emoji.trim(), text.trim()];
    const status = { emoji: icon === "" ? undefined : icon, text: words === "" ? undefined : words };
    const wish = { away: isAway, status: icon === "" && words === "" ? null : status };
    if ((await app.chat?.do((http) => http.setStatus(wish))) !== undefined) close();
  };
  return (
    <FormPart heading="Status" submit="Save" act={save}>
      <div className="field-row status-row">
        <input
          maxLength={8}
          aria-label="Emoji"
          placeholder="🍵"
          value={emoji}
          onChange={({ target }) => change({ emoji: target.value })}
        />
        <input
          id="status-text"
          dir="auto"
          maxLength={100}
          placeholder="What are you up to?"
          aria-label="Status"
          value={text}
          onChange={({ target }) => change({ text: target.value })}
        />
      </div>
      <Toggle label="Show me as away" isOn={isAway} change={(is) => change({ isAway: is })} />
    </FormPart>
  );
}
