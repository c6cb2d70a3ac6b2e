import { byId, makeButton } from "./element.ts";

const GAP_PX = 4;

/** The one menu of the page, below the button that opened it. */
export function openMenu(anchor: HTMLElement, rows: readonly HTMLElement[]): void {
  const menu = byId("message-menu", HTMLElement);
  menu.replaceChildren(...rows);
  // Outside of an open dialog nothing can be clicked.
  (anchor.closest("dialog") ?? document.body).append(menu);
  menu.showPopover();
  placeBelow(menu, anchor.getBoundingClientRect());
  menu.querySelector("button")?.focus();
}

export function closeMenu(): void {
  const menu = byId("message-menu", HTMLElement);
  menu.hidePopover();
  menu.replaceChildren();
}

/** A row that closes the menu and does one thing. */
export function menuRow(label: string, act: () => void, className = ""): HTMLButtonElement {
  return makeButton(className, label, () => {
    closeMenu();
    act();
  });
}

function placeBelow(menu: HTMLElement, anchor: DOMRect): void {
  const { width, height } = menu.getBoundingClientRect();
  const isBelow = anchor.bottom + GAP_PX + height <= innerHeight;
  const top = isBelow ? anchor.bottom + GAP_PX : anchor.top - GAP_PX - height;
  menu.style.top = `${Math.max(GAP_PX, top)}px`;
  const isRight = anchor.left + width + GAP_PX <= innerWidth;
  menu.style.left = `${Math.max(GAP_PX, isRight ? anchor.left : anchor.right - width)}px`;
}
