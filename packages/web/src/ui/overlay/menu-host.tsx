import { DropdownMenu } from "radix-ui";
import { Icon } from "../parts/icon.tsx";
import { rememberAnchor } from "./opener.ts";
import type { Menu, MenuRow } from "./overlays.ts";
import { useOverlay, useOverlays } from "./use-overlays.ts";

/** The one menu of the page, below the button that opened it. */
export function MenuHost() {
  const overlays = useOverlays();
  const menu = useOverlay((state) => state.menu);
  if (menu !== undefined) rememberAnchor(menu.anchor);
  const { top = 0, left = 0, width = 0, height = 0 } = menu?.at ?? {};
  return (
    <DropdownMenu.Root
      open={menu !== undefined}
      modal={false}
      onOpenChange={(isOpen) => !isOpen && overlays.closeMenu()}
    >
      <DropdownMenu.Trigger asChild>
        <span aria-hidden tabIndex={-1} className="menu-anchor" style={{ top, left, width, height }} />
      </DropdownMenu.Trigger>
      {menu !== undefined && <OpenMenu menu={menu} />}
    </DropdownMenu.Root>
  );
}

function OpenMenu({ menu }: { menu: Menu }) {
  const { anchor, rows, emoji, choose } = menu;
  const switches = rows.filter(({ isOn }) => isOn !== undefined);
  return (
    <DropdownMenu.Portal>
      <DropdownMenu.Content
        id="message-menu"
        className="menu"
        aria-label="Actions"
        aria-labelledby={undefined}
        align="start"
        sideOffset={4}
        collisionPadding={8}
        loop
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          // What was chosen may have moved the focus already.
          if (document.activeElement === document.body) anchor.focus();
        }}
      >
        {emoji.length > 0 && (
          <DropdownMenu.Group className="menu-emoji" aria-label="React">
            {emoji.map((one) => (
              <DropdownMenu.Item key={one} asChild onSelect={() => choose?.(one)}>
                <button type="button">{one}</button>
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Group>
        )}
        {switches.length > 0 && (
          <DropdownMenu.Group className="menu-switches" aria-label="Settings">
            {switches.map((row) => (
              <SwitchRow key={row.label} row={row} />
            ))}
          </DropdownMenu.Group>
        )}
        {rows.map((row) => row.isOn === undefined && <Row key={row.label} row={row} />)}
      </DropdownMenu.Content>
    </DropdownMenu.Portal>
  );
}

function SwitchRow({ row: { label, isOn = false, act } }: { row: MenuRow }) {
  return (
    <DropdownMenu.CheckboxItem asChild checked={isOn} onSelect={() => act()}>
      <button type="button" className="menu-row">
        <span className="menu-mark">{isOn && <Icon name="check" />}</span>
        {label}
      </button>
    </DropdownMenu.CheckboxItem>
  );
}

function Row({ row }: { row: MenuRow }) {
  return (
    <DropdownMenu.Item asChild onSelect={() => row.act()}>
      <button type="button" className={row.isDanger ? "menu-row danger" : "menu-row"}>
        {row.icon}
        {row.label}
      </button>
    </DropdownMenu.Item>
  );
}
