import { type ComponentProps, useEffect, useId, useRef } from "react";
import { useRefusal } from "./refusal-context.ts";

interface TextFieldProps extends Omit<ComponentProps<"input">, "ref"> {
  readonly label: string;
  readonly name: string;
  readonly hint?: string;
  /** It has the focus when it is shown. */
  readonly isFirst?: boolean;
}

/** A field with its label, and below it what the server refused about it. */
export function TextField({ label, hint, id, isFirst = false, ...rest }: TextFieldProps) {
  const made = useId();
  const own = id ?? made;
  const error = useRefusal(rest.name);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isFirst) input.current?.focus();
  }, [isFirst]);
  return (
    <div className="field">
      <label htmlFor={own}>{label}</label>
      <input
        ref={input}
        id={own}
        maxLength={rest.type === "password" ? 128 : undefined}
        aria-invalid={error !== ""}
        aria-describedby={`${own}-hint ${own}-error`}
        {...rest}
      />
      <p id={`${own}-hint`} className="muted">
        {hint}
      </p>
      <p id={`${own}-error`} className="error" role="alert">
        {error}
      </p>
    </div>
  );
}
