import { useChat, useModel } from "../model.ts";
import { IconButton } from "../parts/icon-button.tsx";

/** To everybody, until it is dismissed. */
export function Announcement() {
  const { app } = useModel();
  const announcement = useChat((chat) => chat.announcement);
  return (
    <div role="status">
      {announcement !== undefined && (
        <div id="announcement" className="announcement">
          <span dir="auto">
            {announcement.by}: {announcement.text}
          </span>
          <IconButton
            id="announcement-close"
            icon="close"
            label="Dismiss"
            onClick={() => app.chat?.own.announcements.dismiss()}
          />
        </div>
      )}
    </div>
  );
}
