let lastAnchor: HTMLElement | undefined;

/** What opened a menu has the focus back after whatever was chosen in it. */
export function rememberAnchor(anchor: HTMLElement): void {
  lastAnchor = anchor;
}

/** What has the focus now, or opened the menu that has it. */
export function openerOf(): HTMLElement | undefined {
  const { activeElement } = document;
  if (!(activeElement instanceof HTMLElement) || activeElement === document.body) return lastAnchor;
  return activeElement.closest("[role=menu]") === null ? activeElement : lastAnchor;
}
