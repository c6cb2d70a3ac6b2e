import type { Notifier } from "./notifications.ts";

/** The Notification API of this browser, or one that shows nothing where it has none. */
export function browserNotifier(icon: string): Notifier {
  if (!("Notification" in globalThis)) {
    const nothing = { close: () => undefined };
    return { permission: "unsupported", ask: async () => "unsupported", show: () => nothing };
  }
  return {
    get permission() {
      return Notification.permission;
    },
    ask: () => Notification.requestPermission(),
    show({ title, body, tag, clicked }) {
      const shown = new Notification(title, { body, tag, icon });
      shown.addEventListener("click", () => {
        globalThis.focus();
        clicked();
      });
      return { close: () => shown.close() };
    },
  };
}
