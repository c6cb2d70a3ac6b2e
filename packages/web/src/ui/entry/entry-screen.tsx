import { useRef } from "react";
import type { EntryState } from "../../model/state.ts";
import { useApp, useModel } from "../model.ts";
import { FactorForm } from "./factor-form.tsx";
import { ForgotForm } from "./forgot-form.tsx";
import { ResetForm } from "./reset-form.tsx";
import { WaysForm } from "./ways-form.tsx";

/** Log in, sign up, or come as a guest; the second factor; a new password. One form at a time. */
export function EntryScreen() {
  const state = useApp((whole) => (whole.screen === "entry" ? whole : undefined));
  const name = useRef("");
  const isFirst = useRef(true);
  if (state === undefined) return null;
  if (state.step.kind !== "ways") isFirst.current = false;
  return (
    <main id="entry" className="entry">
      <EntryForm key={state.step.kind} state={state} name={name} isFirst={isFirst.current} />
    </main>
  );
}

export interface EntryFormProps {
  readonly state: EntryState;
  /** What was typed as a name: it stays when somebody comes back from another form. */
  readonly name: { current: string };
  /** Nothing was chosen yet: the focus stays where it is. */
  readonly isFirst: boolean;
}

function EntryForm(props: EntryFormProps) {
  const { step } = props.state;
  const { entrance } = useModel().app;
  switch (step.kind) {
    case "ways":
      return <WaysForm {...props} />;
    case "factor":
      return <FactorForm entrance={entrance} state={props.state} methods={step.methods} />;
    case "forgot":
      return <ForgotForm state={props.state} />;
    case "reset":
      return <ResetForm state={props.state} needsCode={step.needsCode} />;
  }
}
