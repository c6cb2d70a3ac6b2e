import { PASSWORD_MIN_LENGTH } from "@hubbub/protocol";
import { useState } from "react";
import type { Entry } from "../../model/entrance.ts";
import type { EntryState } from "../../model/state.ts";
import { useModel } from "../model.ts";
import { CardForm, fieldOf } from "./card-form.tsx";
import type { EntryFormProps } from "./entry-screen.tsx";

const SUBMIT = { login: "Log in", signup: "Sign up", guest: "Enter as a guest" } as const;
const WAYS = [
  ["login", "Log in"],
  ["signup", "Sign up"],
  ["guest", "Guest"],
] as const;

export function WaysForm({ state, name, isFirst }: EntryFormProps) {
  const { entrance } = useModel().app;
  const [way, setWay] = useState<Entry["way"]>("login");
  const isGuest = way === "guest";
  const submit = (values: FormData) =>
    entrance.enter({ way, username: name.current.trim(), password: isGuest ? "" : fieldOf(values, "password") });
  return (
    <CardForm id="entry-form" isFocused={!isFirst} submit={submit}>
      <h1>
        <img src="./icon.svg" alt="" width="32" height="32" /> Hubbub
      </h1>
      <Ways way={way} choose={setWay} />
      <label className="field">
        <span>{isGuest ? "Name, if you like" : "Name"}</span>
        <input
          id="entry-name"
          name="username"
          dir="auto"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={32}
          required={!isGuest}
          defaultValue={name.current}
          onChange={(event) => {
            name.current = event.target.value;
          }}
        />
      </label>
      {!isGuest && <Password isNew={way === "signup"} />}
      <p id="entry-error" className="error" role="alert">
        {state.error}
      </p>
      <button type="submit" id="entry-submit" className="primary" disabled={state.isBusy}>
        {SUBMIT[way]}
      </button>
      {way === "login" && <OtherWays state={state} />}
      <p id="entry-note" className="muted" role="status">
        {state.note}
      </p>
    </CardForm>
  );
}

function Ways({ way, choose }: { way: Entry["way"]; choose: (way: Entry["way"]) => void }) {
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">How do you want to enter?</legend>
      {WAYS.map(([value, label]) => (
        <label key={value}>
          <input type="radio" name="way" value={value} checked={way === value} onChange={() => choose(value)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Password({ isNew }: { isNew: boolean }) {
  return (
    <label className="field">
      <span>Password</span>
      <input
        id="entry-password"
        name="password"
        type="password"
        autoComplete={isNew ? "new-password" : "current-password"}
        minLength={isNew ? PASSWORD_MIN_LENGTH : 0}
        maxLength={128}
        required
      />
    </label>
  );
}

function OtherWays({ state: { isBusy, offers } }: { state: EntryState }) {
  const { entrance } = useModel().app;
  const takePasskey = (): void => {
    entrance.enterByPasskey().catch(reportError);
  };
  return (
    <div id="entry-more" className="more-ways">
      {offers.passkey === true && (
        <button type="button" id="entry-passkey" disabled={isBusy} onClick={takePasskey}>
          Log in with a passkey
        </button>
      )}
      {offers.provider !== undefined && (
        <a id="entry-provider" className="button" href="api/v1/auth/provider">
          Log in with {offers.provider.name}
        </a>
      )}
      {offers.mail === true && (
        <button
          type="button"
          id="entry-forgot"
          className="quiet small"
          disabled={isBusy}
          onClick={() => entrance.forgot()}
        >
          Forgot your password?
        </button>
      )}
    </div>
  );
}
