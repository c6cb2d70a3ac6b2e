import { Switch } from "radix-ui";
import { useId } from "react";

interface ToggleProps {
  readonly label: string;
  readonly name?: string;
  readonly id?: string;
  readonly isOn: boolean;
  change(isOn: boolean): void;
}

export function Toggle({ label, name, id, isOn, change }: ToggleProps) {
  const made = useId();
  return (
    <div className="toggle-row">
      <label htmlFor={id ?? made}>{label}</label>
      <Switch.Root id={id ?? made} name={name} className="toggle" checked={isOn} onCheckedChange={change}>
        <Switch.Thumb className="toggle-thumb" />
      </Switch.Root>
    </div>
  );
}
