import { type ReactNode, useEffect, useRef, useState } from "react";
import { type Refusal, type RefusalRules, refusalOf } from "../../model/refusal.ts";
import { RefusalContext } from "./refusal-context.ts";

interface FormPartProps {
  readonly heading?: string;
  readonly children: ReactNode;
  readonly submit: string;
  readonly submitId?: string;
  readonly kind?: "primary" | "danger";
  /** Which field a refusal is about. */
  readonly rules?: RefusalRules;
  /** Given: a button leaves the form. */
  cancel?(): void;
  /** What it throws stands beside the field that it is about, or above the button. */
  act(values: FormData, form: HTMLFormElement): Promise<unknown>;
}

/** A part of a sheet whose fields do something together. */
export function FormPart({ heading, children, submit, submitId, kind = "primary", rules, cancel, act }: FormPartProps) {
  const { form, isBusy, refusal, send, edited } = useSubmit(act, rules);
  return (
    <form
      ref={form}
      className="part"
      onInput={edited}
      onSubmit={(event) => {
        event.preventDefault();
        if (isBusy) return;
        send(event.currentTarget).catch(reportError);
      }}
    >
      {heading !== undefined && <h3>{heading}</h3>}
      <RefusalContext value={refusal}>{children}</RefusalContext>
      <p className="error" role="alert">
        {refusal?.field === "" && refusal.text}
      </p>
      <div className={cancel === undefined ? undefined : "dialog-actions"}>
        {cancel !== undefined && (
          <button type="button" onClick={() => cancel()}>
            Cancel
          </button>
        )}
        <button type="submit" id={submitId} className={kind} aria-disabled={isBusy}>
          {submit}
        </button>
      </div>
    </form>
  );
}

function useSubmit(act: FormPartProps["act"], rules: RefusalRules | undefined) {
  const form = useRef<HTMLFormElement>(null);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  useEffect(() => {
    if (refusal !== undefined) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [refusal]);
  const send = async (target: HTMLFormElement): Promise<void> => {
    setBusy(true);
    setRefusal(undefined);
    try {
      await act(new FormData(target), target);
    } catch (error) {
      const { field, text } = refusalOf(error, rules);
      setRefusal({ field: target.elements.namedItem(field) === null ? "" : field, text });
    } finally {
      setBusy(false);
    }
  };
  return { form, isBusy, refusal, send, edited: () => setRefusal(undefined) };
}

/** The text that a field of a form has. */
export function textIn(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}
