import { Dialog } from "../../overlay/dialog.tsx";
import { textIn } from "../../parts/form-part.tsx";
import { Field } from "../../parts/part.tsx";

/** Asks for the password before logins are changed. */
export function ProofDialog({ answer }: { answer: (password: string | undefined) => void }) {
  return (
    <Dialog id="proof" title="Is it you?" close={() => answer(undefined)}>
      <form
        className="part"
        onSubmit={(event) => {
          event.preventDefault();
          answer(textIn(new FormData(event.currentTarget), "password"));
        }}
      >
        <Field label="Your password">
          <input
            id="proof-password"
            name="password"
            type="password"
            autoComplete="current-password"
            maxLength={128}
            required
          />
        </Field>
        <div className="dialog-actions">
          <button type="button" onClick={() => answer(undefined)}>
            Cancel
          </button>
          <button type="submit" id="proof-yes" className="primary">
            Continue
          </button>
        </div>
      </form>
    </Dialog>
  );
}
