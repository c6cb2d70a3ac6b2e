import type { Entrance, EntryPage } from "../../model/entrance.ts";
import { hasPasskeys } from "../../model/passkey.ts";
import { CardForm, FormFoot, fieldOf } from "./card-form.tsx";

const CODE_HINT = "Enter the code of your authenticator app, or one of your recovery codes.";
const RECOVERY_HINT = "Use your passkey, or enter one of your recovery codes.";

interface FactorFormProps {
  readonly entrance: Entrance;
  readonly state: Pick<EntryPage, "error" | "isBusy" | "note">;
  readonly methods: readonly string[];
}

/** The second factor of a login. */
export function FactorForm({ entrance, state, methods }: FactorFormProps) {
  const takePasskey = (): void => {
    entrance.enterByPasskey().catch(reportError);
  };
  return (
    <CardForm id="factor-form" submit={(values) => entrance.finish(fieldOf(values, "code").trim())}>
      <h1>One more step</h1>
      <p id="factor-hint" className="muted">
        {methods.includes("totp") ? CODE_HINT : RECOVERY_HINT}
      </p>
      <label className="field">
        <span>Code</span>
        <input
          id="factor-code"
          name="code"
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
          required
        />
      </label>
      <FormFoot state={state} action="Continue" back={{ id: "factor-back", label: "Back", act: () => entrance.open() }}>
        {methods.includes("passkey") && hasPasskeys() && (
          <button type="button" id="factor-passkey" disabled={state.isBusy} onClick={takePasskey}>
            Use a passkey
          </button>
        )}
      </FormFoot>
    </CardForm>
  );
}
