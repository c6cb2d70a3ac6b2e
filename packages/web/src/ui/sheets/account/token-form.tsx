import type { NewAccessToken } from "@hubbub/client";
import { SCOPES, type Scope } from "@hubbub/protocol";
import { useId } from "react";
import { FormRefused } from "../../../model/refusal.ts";
import { FormPart, textIn } from "../../parts/form-part.tsx";
import { Field, Select } from "../../parts/part.tsx";
import { useRefusal } from "../../parts/refusal-context.ts";
import { TextField } from "../../parts/text-field.tsx";
import type { Guard } from "./security/use-guard.ts";

const ENDS = [
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
  ["180", "180 days"],
  ["366", "A year"],
] as const;
const WHAT: Readonly<Record<Scope, string>> = {
  read: "Read rooms, messages and people",
  write: "Write messages, react, join and leave rooms",
  "manage-rooms": "Make and change rooms, members and links",
  admin: "Administer the server, if you have a role for it",
};
const RULES = { limit_reached: { field: "", text: "You have as many tokens as you may. Revoke one first." } };

/** Makes a token. The caller shows it. */
export function TokenForm({ guard, made }: { guard: Guard; made: (token: NewAccessToken) => Promise<void> }) {
  const create = async (values: FormData, form: HTMLFormElement): Promise<void> => {
    const chosen = values.getAll("scopes");
    const scopes = SCOPES.filter((scope) => chosen.includes(scope));
    if (scopes.length === 0) throw new FormRefused("scopes", "Choose at least one.");
    const wish = { name: textIn(values, "name").trim(), scopes, days: Number(textIn(values, "days")) };
    const token = await guard.prove((signin, proof) => signin.createToken({ ...wish, ...proof }));
    if (token === undefined) return;
    form.reset();
    await made(token);
  };
  return (
    <FormPart heading="A new token" submit="Make the token" submitId="token-create" rules={RULES} act={create}>
      <p className="muted">
        A program that has it acts for you, within what you allow here. It cannot change your account.
      </p>
      <TextField
        id="token-name"
        name="name"
        label="Name"
        dir="auto"
        maxLength={64}
        required
        autoComplete="off"
        placeholder="What it is for"
      />
      <Scopes />
      <Field label="Ends after">
        <Select name="days" options={ENDS} chosen="90" />
      </Field>
    </FormPart>
  );
}

function Scopes() {
  const error = useRefusal("scopes");
  const id = useId();
  return (
    <fieldset id="token-scopes" className="checks" aria-describedby={id}>
      <legend>It may</legend>
      {SCOPES.map((scope, index) => (
        <label key={scope}>
          <input
            type="checkbox"
            name="scopes"
            value={scope}
            defaultChecked={scope === "read"}
            aria-invalid={error !== "" && index === 0}
          />
          {WHAT[scope]}
        </label>
      ))}
      <p id={id} className="error" role="alert">
        {error}
      </p>
    </fieldset>
  );
}
