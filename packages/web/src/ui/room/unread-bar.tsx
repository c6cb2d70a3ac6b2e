import { Icon } from "../parts/icon.tsx";
import { IconButton } from "../parts/icon-button.tsx";

/** Above the messages, while the first unread one is above what is in sight. */
export function UnreadBar({ jump, dismiss }: { jump: () => void; dismiss: () => void }) {
  return (
    <div id="unread-bar" className="unread-bar">
      <button type="button" id="to-unread" className="small" onClick={jump}>
        <Icon name="up" /> Jump to the first unread message
      </button>
      <IconButton icon="close" label="Dismiss" onClick={dismiss} />
    </div>
  );
}
