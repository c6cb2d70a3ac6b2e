import { Popover } from "radix-ui";
import { lazy, Suspense } from "react";
import type { EmojiChoice } from "../overlay/overlays.ts";
import { useOverlay, useOverlays } from "../overlay/use-overlays.ts";

const EmojiPicker = lazy(async () => ({ default: (await import("./emoji-picker.tsx")).EmojiPicker }));

/** The one choice of an emoji on the page, beside what opened it. */
export function EmojiHost() {
  const choice = useOverlay((state) => state.emoji);
  return choice === undefined ? null : <EmojiPopover choice={choice} />;
}

function EmojiPopover({ choice: { anchor, choose } }: { choice: EmojiChoice }) {
  const overlays = useOverlays();
  const close = (): void => overlays.closeEmoji();
  return (
    <Popover.Root open onOpenChange={(isOpen) => !isOpen && close()}>
      <Popover.Anchor virtualRef={{ current: anchor }} />
      <Popover.Portal>
        <Popover.Content
          id="emoji"
          className="emoji-popover"
          aria-label="Emoji"
          sideOffset={4}
          collisionPadding={8}
          // The menu that it was opened from gives the focus back when it closes.
          onFocusOutside={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (document.activeElement === document.body) anchor.focus();
          }}
        >
          <Suspense fallback={<p className="muted">Loading…</p>}>
            <EmojiPicker
              choose={(emoji) => {
                close();
                choose(emoji);
              }}
            />
          </Suspense>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
