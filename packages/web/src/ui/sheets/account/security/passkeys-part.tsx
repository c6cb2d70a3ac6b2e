import { useState } from "react";
import { makePasskey } from "../../../../model/passkey.ts";
import { FormRefused } from "../../../../model/refusal.ts";
import { useOverlays } from "../../../overlay/use-overlays.ts";
import { FormPart, textIn } from "../../../parts/form-part.tsx";
import { Act, Row } from "../../../parts/part.tsx";
import { TextField } from "../../../parts/text-field.tsx";
import { Toggle } from "../../../parts/toggle.tsx";
import { useLoaded } from "../../../parts/use-loaded.ts";
import { dayOf } from "../../../words.ts";
import { RecoveryCodes } from "./recovery-codes.tsx";
import type { Guard } from "./use-guard.ts";

/** Logins without a password, kept by this device or a key. */
export function PasskeysPart({ guard }: { guard: Guard }) {
  const [passkeys, again] = useLoaded(() => guard.run((signin) => signin.passkeys()));
  const [codes, setCodes] = useState<readonly string[]>([]);
  const [isSecond, setSecond] = useState(false);
  const add = async (values: FormData, form: HTMLFormElement): Promise<void> => {
    const options = await guard.prove((signin, proof) => signin.newPasskeyOptions(proof));
    if (options === undefined) return;
    const made = await makePasskey(options);
    if (made === undefined)
      throw new FormRefused("", "No passkey was made, or this device has one already. Try again.");
    const name = textIn(values, "name").trim();
    const added = await guard.prove((signin) => signin.addPasskey({ ...made, name, secondFactor: isSecond }));
    if (added === undefined) return;
    setCodes(added.codes ?? []);
    form.reset();
    await again();
  };
  return (
    <FormPart heading="Passkeys" submit="Add a passkey" act={add}>
      <Passkeys passkeys={passkeys ?? []} guard={guard} again={again} />
      {codes.length > 0 && <RecoveryCodes codes={codes} />}
      <TextField
        id="passkey-name"
        name="name"
        label="Name of the new one"
        dir="auto"
        maxLength={64}
        required
        placeholder="My laptop"
      />
      <Toggle label="Ask for it after the password, too" isOn={isSecond} change={setSecond} />
    </FormPart>
  );
}

interface PasskeysProps {
  readonly passkeys: readonly { readonly id: string; readonly name: string; readonly createdAt: number }[];
  readonly guard: Guard;
  again(): Promise<void>;
}

function Passkeys({ passkeys, guard, again }: PasskeysProps) {
  const overlays = useOverlays();
  const remove = async (id: string, name: string): Promise<void> => {
    if (!(await overlays.ask(`Remove the passkey “${name}”? It opens nothing then.`, "Remove"))) return;
    await guard.run((signin, proof) => signin.removePasskey(id, proof));
    await again();
  };
  return (
    <ul className="sheet-list">
      {passkeys.length === 0 && <li className="muted">None yet.</li>}
      {passkeys.map(({ id, name, createdAt }) => (
        <Row key={id} what={name} hint={`since ${dayOf(createdAt)}`}>
          <Act label="Remove" work={() => remove(id, name)} />
        </Row>
      ))}
    </ul>
  );
}
