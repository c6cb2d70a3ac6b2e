import { Tooltip } from "radix-ui";
import type { ComponentProps } from "react";
import { Icon, type IconName } from "./icon.tsx";

interface IconButtonProps extends ComponentProps<"button"> {
  readonly icon: IconName;
  /** What it does: its name, and what stands beside it when it is pointed at. */
  readonly label: string;
  readonly side?: "top" | "bottom";
}

export function IconButton({ icon, label, side = "bottom", className = "", ...rest }: IconButtonProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <button type="button" className={`icon-button ${className}`} aria-label={label} {...rest}>
          <Icon name={icon} />
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tooltip" side={side} sideOffset={4} collisionPadding={8}>
          {label}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
