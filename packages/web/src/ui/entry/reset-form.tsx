import { PASSWORD_MIN_LENGTH } from "@hubbub/protocol";
import type { EntryState } from "../../model/state.ts";
import { useModel } from "../model.ts";
import { CardForm, FormFoot, fieldOf } from "./card-form.tsx";

/** The new password that a mail allows. */
export function ResetForm({ state, needsCode }: { state: EntryState; needsCode: boolean }) {
  const { app } = useModel();
  const submit = (values: FormData) =>
    app.entrance.setPassword(fieldOf(values, "password"), fieldOf(values, "code").trim());
  return (
    <CardForm id="reset-form" submit={submit}>
      <h1>New password</h1>
      <p className="muted">Your login on all devices ends when it is set.</p>
      {needsCode && (
        <label className="field">
          <span>Code of the mail</span>
          <input
            id="reset-code"
            name="code"
            className="mono"
            autoComplete="one-time-code"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={64}
            required
          />
        </label>
      )}
      <label className="field">
        <span>New password</span>
        <input
          id="reset-password"
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={PASSWORD_MIN_LENGTH}
          maxLength={128}
          required
        />
      </label>
      <FormFoot
        state={state}
        action="Set the password"
        back={{ id: "reset-back", label: "Cancel", act: () => app.resume() }}
      />
    </CardForm>
  );
}
