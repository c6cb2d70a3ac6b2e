import type { EntryState } from "../../model/state.ts";
import { useModel } from "../model.ts";
import { CardForm, FormFoot, fieldOf } from "./card-form.tsx";

/** Asks for the mail with which a password is reset. */
export function ForgotForm({ state }: { state: EntryState }) {
  const { entrance } = useModel().app;
  return (
    <CardForm id="forgot-form" submit={(values) => entrance.mail(fieldOf(values, "email").trim())}>
      <h1>New password</h1>
      <p className="muted">We send a link to the address that your account has confirmed.</p>
      <label className="field">
        <span>E-mail address</span>
        <input id="forgot-email" name="email" type="email" autoComplete="email" maxLength={254} required />
      </label>
      <FormFoot
        state={state}
        action="Send the mail"
        back={{ id: "forgot-back", label: "Back", act: () => entrance.open() }}
      />
    </CardForm>
  );
}
