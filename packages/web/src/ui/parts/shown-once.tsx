import { useEffect, useRef } from "react";
import { useModel } from "../model.ts";
import { Act } from "./part.tsx";

/** A secret that the server shows once, chosen to be copied, and a button that does. */
export function ShownOnce(props: { id: string; label: string; text: string; copied: string }) {
  const { id, label, text, copied } = props;
  const { app } = useModel();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const copy = async (): Promise<void> => {
    await navigator.clipboard?.writeText(text);
    app.chat?.notice(copied);
  };
  return (
    <div className="made-link">
      <input
        ref={field}
        id={id}
        className="mono"
        readOnly
        value={text}
        aria-label={label}
        onFocus={({ target }) => target.select()}
      />
      <Act label="Copy" work={copy} />
    </div>
  );
}
