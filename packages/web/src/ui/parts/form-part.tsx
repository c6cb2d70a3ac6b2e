import { type ReactNode, useState } from "react";

interface FormPartProps {
  readonly heading?: string;
  readonly children: ReactNode;
  readonly submit: string;
  act(values: FormData, form: HTMLFormElement): Promise<unknown>;
}

/** A part of a sheet whose fields do something together. */
export function FormPart({ heading, children, submit, act }: FormPartProps) {
  const [isBusy, setBusy] = useState(false);
  return (
    <form
      className="part"
      onSubmit={(event) => {
        event.preventDefault();
        setBusy(true);
        const form = event.currentTarget;
        act(new FormData(form), form)
          .catch(reportError)
          .finally(() => setBusy(false));
      }}
    >
      {heading !== undefined && <h3>{heading}</h3>}
      {children}
      <button type="submit" className="primary" disabled={isBusy}>
        {submit}
      </button>
    </form>
  );
}

/** The text that a field of a form has. */
export function textIn(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}
