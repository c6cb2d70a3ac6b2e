import type { ReactNode } from "react";

/** A part of a sheet with a heading. */
export function Part({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <section className="part">
      <h3>{heading}</h3>
      {children}
    </section>
  );
}

export function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="field">
      <span>{label}</span>
      {children}
    </label>
  );
}

/** `options`: a word for each value. */
export function Select(props: { name: string; options: readonly (readonly [string, string])[]; chosen: string }) {
  const { name, options, chosen } = props;
  return (
    <select name={name} defaultValue={chosen}>
      {options.map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

/** What somebody has to do with, and what can be done with it. */
export function Row(props: { what: string; hint?: string; children?: ReactNode }) {
  const { what, hint = "", children } = props;
  return (
    <li className="sheet-row">
      <span className="sheet-what" dir="auto">
        {what}
      </span>
      <span className="muted">{hint}</span>
      {children}
    </li>
  );
}

/** A small button that does one thing. */
export function Act(props: { label: string; className?: string; work(): Promise<unknown> }) {
  const { label, className = "small", work } = props;
  return (
    <button type="button" className={className} onClick={() => void work().catch(reportError)}>
      {label}
    </button>
  );
}
