import { type ReactNode, useEffect, useRef } from "react";
import type { EntryState } from "../../model/state.ts";

interface FormFootProps {
  readonly state: Pick<EntryState, "error" | "isBusy" | "note">;
  /** What the button of the form says. */
  readonly action: string;
  readonly back: { readonly id: string; readonly label: string; act(): void };
  /** Another way on. */
  readonly children?: ReactNode;
}

/** What ends a form that can be left: its error, its buttons, and what is to be known. */
export function FormFoot({ state, action, back, children }: FormFootProps) {
  return (
    <>
      <p className="error" role="alert">
        {state.error}
      </p>
      <button type="submit" className="primary" disabled={state.isBusy}>
        {action}
      </button>
      {children}
      <button type="button" id={back.id} className="quiet small" disabled={state.isBusy} onClick={() => back.act()}>
        {back.label}
      </button>
      <p className="muted" role="status">
        {state.note}
      </p>
    </>
  );
}

interface CardFormProps {
  readonly id: string;
  readonly isFocused?: boolean;
  readonly children: ReactNode;
  submit(values: FormData): Promise<void>;
}

/** One form of the entry. */
export function CardForm({ id, isFocused = true, children, submit }: CardFormProps) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (isFocused) form.current?.querySelector<HTMLInputElement>(".field input")?.focus();
  }, [isFocused]);
  return (
    <form
      ref={form}
      id={id}
      className="card"
      onSubmit={(event) => {
        event.preventDefault();
        submit(new FormData(event.currentTarget)).catch(reportError);
      }}
    >
      {children}
    </form>
  );
}

/** A text field of a form, by its name. */
export function fieldOf(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}
