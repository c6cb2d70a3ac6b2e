import { Dialog as Radix } from "radix-ui";
import { type KeyboardEvent, type ReactNode, useRef } from "react";
import { Icon } from "../parts/icon.tsx";
import { openerOf } from "./opener.ts";

interface DialogProps {
  readonly id: string;
  readonly title: string;
  readonly children: ReactNode;
  readonly className?: string;
  readonly isWide?: boolean;
  onKeyDown?(event: KeyboardEvent): void;
  close(): void;
}

/** Over the page until it is closed by its button, by Escape, or by a click beside it. */
export function Dialog({ id, title, children, className = "", isWide = false, onKeyDown, close }: DialogProps) {
  const opener = useRef(openerOf());
  return (
    <Radix.Root open onOpenChange={(isOpen) => !isOpen && close()}>
      <Radix.Portal>
        <Radix.Overlay className="scrim" />
        <Radix.Content
          id={id}
          className={`dialog ${isWide ? "wide" : ""} ${className}`}
          onKeyDown={onKeyDown}
          aria-describedby={undefined}
          onInteractOutside={(event) => isInMenu(event.target) && event.preventDefault()}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (document.activeElement === document.body) opener.current?.focus();
          }}
        >
          <header className="dialog-head">
            <Radix.Title dir="auto">{title}</Radix.Title>
            <Radix.Close id={`${id}-close`} className="icon-button" aria-label="Close">
              <Icon name="close" />
            </Radix.Close>
          </header>
          <div id={`${id}-body`} className="dialog-body">
            {children}
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A menu that was opened in a dialog, and a question about what was chosen there, stand beside it in the page. */
function isInMenu(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("#message-menu, #question, #restrict, #notice") !== null;
}
