import type { EntryState } from "../../model/state.ts";
import { useModel } from "../model.ts";
import { CardForm, fieldOf } from "./card-form.tsx";

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
      <p className="error" role="alert">
        {state.error}
      </p>
      <button type="submit" className="primary" disabled={state.isBusy}>
        Send the mail
      </button>
      <button
        type="button"
        id="forgot-back"
        className="quiet small"
        disabled={state.isBusy}
        onClick={() => entrance.open()}
      >
        Back
      </button>
      <p className="muted" role="status">
        {state.note}
      </p>
    </CardForm>
  );
}
