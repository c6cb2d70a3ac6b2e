import { type ReactNode, useEffect, useRef } from "react";

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
