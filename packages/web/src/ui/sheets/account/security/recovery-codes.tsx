import { useModel } from "../../../model.ts";
import { Act } from "../../../parts/part.tsx";

/** Shown once. */
export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  const { app } = useModel();
  const copy = async (): Promise<void> => {
    await navigator.clipboard?.writeText(codes.join("\n"));
    app.chat?.notice("The codes are copied.");
  };
  return (
    <div className="recovery-codes" role="status">
      <p>Keep these codes in a safe place: each one replaces a code of your app once. They are shown only now.</p>
      <ul id="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <Act label="Copy the codes" work={copy} />
    </div>
  );
}
