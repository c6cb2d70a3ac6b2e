import type { Proof } from "@hubbub/client";
import { useState } from "react";
import { textIn } from "../../../parts/form-part.tsx";
import { TextField } from "../../../parts/text-field.tsx";

/** The password, or a code where somebody has set up the two-step login. */
export function ProofField({ id, isFirst = false, hint = "" }: { id: string; isFirst?: boolean; hint?: string }) {
  const [isCode, setCode] = useState(false);
  const [isChosen, setChosen] = useState(false);
  const turn = (): void => {
    setCode(!isCode);
    setChosen(true);
  };
  const common = { id, hint, required: hint === "", isFirst: isFirst || isChosen };
  return (
    <>
      {isCode ? (
        <TextField
          key="code"
          name="code"
          label="Code of your app, or a recovery code"
          autoComplete="one-time-code"
          maxLength={64}
          {...common}
        />
      ) : (
        <TextField
          key="password"
          name="password"
          label="Your password"
          type="password"
          autoComplete="current-password"
          {...common}
        />
      )}
      <button type="button" className="quiet small" onClick={turn}>
        {isCode ? "Use your password instead" : "Use a code instead"}
      </button>
    </>
  );
}

export function proofIn(values: FormData): Proof {
  const [password, code] = [textIn(values, "password"), textIn(values, "code").trim()];
  return { ...(password !== "" && { password }), ...(code !== "" && { code }) };
}
