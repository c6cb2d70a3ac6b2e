import type { SecondFactorStatus } from "@hubbub/protocol";
import { useState } from "react";
import { useModel } from "../../../model.ts";
import { useOverlays } from "../../../overlay/use-overlays.ts";
import { FormPart, textIn } from "../../../parts/form-part.tsx";
import { Act, Part } from "../../../parts/part.tsx";
import { TextField } from "../../../parts/text-field.tsx";
import { useLoaded } from "../../../parts/use-loaded.ts";
import { QrCode } from "./qr-code.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";
import type { Guard } from "./use-guard.ts";

const CODE = {
  bad_code: { field: "code", text: "This code is wrong. Enter the next one; the clock of your device must be right." },
};

/** A code of an authenticator app besides the password. */
export function TwoStepPart({ guard }: { guard: Guard }) {
  const [status, again] = useLoaded(() => guard.run((signin) => signin.secondFactors()));
  const [secret, setSecret] = useState<{ uri: string; secret: string }>();
  const [codes, setCodes] = useState<readonly string[]>([]);
  const begin = async (): Promise<void> => setSecret(await guard.run((signin, proof) => signin.beginTotp(proof)));
  const confirm = async (values: FormData): Promise<void> => {
    const done = await guard.prove((signin) => signin.confirmTotp(textIn(values, "code").trim()));
    if (done === undefined) return;
    setSecret(undefined);
    setCodes(done.codes ?? []);
    await again();
  };
  if (status === undefined) return null;
  if (secret !== undefined)
    return (
      <FormPart heading="Two-step login" submit="Turn it on" rules={CODE} act={confirm}>
        <Secret {...secret} />
      </FormPart>
    );
  return (
    <Part heading="Two-step login">
      <p id="two-step-state" className="muted" role="status">
        {wordsOf(status)}
      </p>
      {codes.length > 0 && <RecoveryCodes codes={codes} />}
      {status.totp ? (
        <TurnedOn guard={guard} again={again} setCodes={setCodes} />
      ) : (
        <button type="button" id="two-step-begin" onClick={() => void begin().catch(reportError)}>
          Set it up
        </button>
      )}
    </Part>
  );
}

interface TurnedOnProps {
  readonly guard: Guard;
  again(): Promise<void>;
  setCodes(codes: readonly string[]): void;
}

function TurnedOn({ guard, again, setCodes }: TurnedOnProps) {
  const overlays = useOverlays();
  const { app } = useModel();
  const renew = async (): Promise<void> => {
    if (!(await overlays.ask("Make new recovery codes? Those of before are void then.", "Make new codes", "primary")))
      return;
    const made = await guard.run((signin, proof) => signin.renewRecoveryCodes(proof));
    if (made === undefined) return;
    setCodes(made.codes);
    await again();
  };
  const turnOff = async (): Promise<void> => {
    if (!(await overlays.ask("Turn the two-step login off? The password alone is enough then.", "Turn off"))) return;
    if ((await guard.run((signin, proof) => signin.removeTotp(proof).then(() => true))) !== true) return;
    setCodes([]);
    app.chat?.notice("The two-step login is off.");
    await again();
  };
  return (
    <div className="dialog-actions">
      <Act label="New recovery codes" work={renew} />
      <Act label="Turn it off" className="small danger" work={turnOff} />
    </div>
  );
}

function Secret({ uri, secret }: { uri: string; secret: string }) {
  return (
    <>
      <p className="muted">
        Scan this with your authenticator app, add its key by hand, or{" "}
        <a href={uri}>open it in an app of this device</a>. Then enter the code that the app shows.
      </p>
      <QrCode text={uri} label="QR code of the key" />
      <input
        id="two-step-secret"
        className="mono"
        readOnly
        aria-label="Key for the app"
        value={secret.replace(/(.{4})(?=.)/gu, "$1 ")}
        onFocus={({ target }) => target.select()}
      />
      <TextField
        id="two-step-code"
        name="code"
        label="Code"
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={16}
        required
      />
    </>
  );
}

function wordsOf({ totp, passkey, recoveryCodes }: SecondFactorStatus): string {
  const codes = `${recoveryCodes} recovery ${recoveryCodes === 1 ? "code is" : "codes are"} left.`;
  if (totp) return `On: a login asks for a code of your app. ${codes}`;
  return passkey ? `A login asks for your passkey. ${codes}` : "Off: the password alone is enough.";
}
