import type { AccountInfo } from "@hubbub/client";
import { useEffect, useState } from "react";
import { useModel } from "../../model.ts";
import { Part } from "../../parts/part.tsx";
import { useLoaded } from "../../parts/use-loaded.ts";
import { AddressForm, CodeForm, RemoveForm } from "./email-forms.tsx";

type Email = AccountInfo["email"];

/** The address that a forgotten password is reset by. `isMailOn`: this server sends mails. */
export function EmailPart({ isMailOn }: { isMailOn: boolean }) {
  const { app } = useModel();
  const [account, again] = useLoaded(async () => app.chat?.do((_, own) => own.get()));
  // The link of the mail is opened in another tab.
  useEffect(() => {
    const look = (): void => void again().catch(reportError);
    addEventListener("focus", look);
    return () => removeEventListener("focus", look);
  }, [again]);
  if (account === undefined || (!isMailOn && account.email === undefined)) return null;
  return (
    <Part heading="E-mail address">
      <p id="email-state" className="muted" role="status" dir="auto">
        {wordsOf(account.email)}
      </p>
      <Steps
        key={`${account.email?.address} ${account.email?.isVerified}`}
        {...{ isMailOn, again }}
        email={account.email}
      />
    </Part>
  );
}

type Step = { readonly kind: "none" | "change" | "remove" } | { readonly kind: "mailed"; readonly to: string };

/** Begins anew when the address has changed. */
function Steps({ email, isMailOn, again }: { email: Email; isMailOn: boolean; again: () => Promise<void> }) {
  const [step, setStep] = useState<Step>({ kind: "none" });
  const leave = (): void => setStep({ kind: "none" });
  if (step.kind === "mailed") return <CodeForm to={step.to} confirmed={again} cancel={leave} />;
  if (step.kind === "remove") return <RemoveForm removed={again} cancel={leave} />;
  const mailed = (to: string): void => setStep({ kind: "mailed", to });
  if (email === undefined) return <AddressForm mailed={mailed} />;
  if (step.kind === "change")
    return <AddressForm address={email.isVerified ? "" : email.address} mailed={mailed} cancel={leave} />;
  return (
    <div className="acts">
      {isMailOn && (
        <button type="button" className="small" onClick={() => setStep({ kind: "change" })}>
          {email.isVerified ? "Change it" : "Send a mail again"}
        </button>
      )}
      <button type="button" className="small danger" onClick={() => setStep({ kind: "remove" })}>
        Remove it
      </button>
    </div>
  );
}

function wordsOf(email: Email): string {
  if (email === undefined) return "You have none. With one you can set a new password when you have forgotten it.";
  const { address, isVerified } = email;
  if (isVerified) return `${address} is confirmed. A forgotten password can be reset by a mail to it.`;
  return `${address} is not confirmed: open the link of the mail that was sent there. Until then it is of no use.`;
}
