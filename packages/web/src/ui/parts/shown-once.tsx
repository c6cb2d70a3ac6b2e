import { useModel } from "../model.ts";
import { Act } from "./part.tsx";

/** A secret that the server shows once, and a button that copies it. */
export function ShownOnce(props: { id: string; label: string; text: string; copied: string }) {
  const { id, label, text, copied } = props;
  const { app } = useModel();
  const copy = async (): Promise<void> => {
    await navigator.clipboard?.writeText(text);
    app.chat?.notice(copied);
  };
  return (
    <div className="made-link">
      <input
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
