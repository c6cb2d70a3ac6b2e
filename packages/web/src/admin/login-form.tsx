import type { Tokens } from "@hubbub/protocol";
import { useEffect, useState } from "react";
import { Entrance, type EntryPage, type Offers } from "../model/entrance.ts";
import { CardForm, fieldOf } from "../ui/entry/card-form.tsx";
import { FactorForm } from "../ui/entry/factor-form.tsx";

interface Props {
  readonly url: string;
  readonly entered: (tokens: Tokens) => void;
}

/** What is shown while nobody is logged in in this browser. The login is that of the chat. */
export function LoginForm({ url, entered }: Props) {
  const [page, setPage] = useState<EntryPage>();
  const [offers, setOffers] = useState<Offers>({});
  const [entrance] = useState(() => new Entrance({ url, show: setPage, offer: setOffers, entered }));
  useEffect(() => entrance.open(), [entrance]);
  if (page === undefined) return null;
  const { step } = page;
  return (
    <main className="entry">
      {step.kind === "factor" ? (
        <FactorForm entrance={entrance} state={page} methods={step.methods} />
      ) : (
        <PasswordForm entrance={entrance} page={page} offers={offers} />
      )}
    </main>
  );
}

function PasswordForm({ entrance, page, offers }: { entrance: Entrance; page: EntryPage; offers: Offers }) {
  const submit = (values: FormData) =>
    entrance.enter({
      way: "login",
      username: fieldOf(values, "username").trim(),
      password: fieldOf(values, "password"),
    });
  const takePasskey = (): void => {
    entrance.enterByPasskey().catch(reportError);
  };
  return (
    <CardForm id="operator-login" submit={submit}>
      <h1>
        <img src="./icon.svg" alt="" width="32" height="32" /> Hubbub operators
      </h1>
      <p className="muted">For people with a server role. The login holds for the chat in this browser, too.</p>
      <Fields />
      <p className="error" role="alert">
        {page.error}
      </p>
      <button type="submit" className="primary" disabled={page.isBusy}>
        Log in
      </button>
      <div className="more-ways">
        {offers.passkey === true && (
          <button type="button" disabled={page.isBusy} onClick={takePasskey}>
            Log in with a passkey
          </button>
        )}
        <a className="button quiet small" href="./">
          Other ways, on the page of the chat
        </a>
      </div>
    </CardForm>
  );
}

function Fields() {
  return (
    <>
      <label className="field">
        <span>Name</span>
        <input
          name="username"
          dir="auto"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={32}
          required
        />
      </label>
      <label className="field">
        <span>Password</span>
        <input name="password" type="password" autoComplete="current-password" maxLength={128} required />
      </label>
    </>
  );
}
