import { PASSWORD_MIN_LENGTH } from "@hubbub/protocol";
import type { EntryState } from "../../model/state.ts";
import { useModel } from "../model.ts";
import { CardForm, FormFoot, fieldOf } from "./card-form.tsx";

/** The new password that the link of a mail allows. */
export function ResetForm({ state }: { state: EntryState }) {
  const { app } = useModel();
  return (
    <CardForm id="reset-form" submit={(values) => app.entrance.setPassword(fieldOf(values, "password"))}>
      <h1>New password</h1>
      <p className="muted">Your login on all devices ends when it is set.</p>
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
