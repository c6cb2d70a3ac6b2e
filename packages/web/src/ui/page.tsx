import { lazy, Suspense, useEffect } from "react";
import { EntryScreen } from "./entry/entry-screen.tsx";
import { useApp } from "./model.ts";

/** Loaded while somebody logs in: most of the script is for the chat. */
const loadChat = () => import("./chat-screen.tsx");
const ChatScreen = lazy(async () => ({ default: (await loadChat()).ChatScreen }));

export function Page() {
  const screen = useApp((state) => state.screen);
  useEffect(() => {
    loadChat().catch(reportError);
  }, []);
  if (screen === "starting") return null;
  if (screen === "entry") return <EntryScreen />;
  return (
    <Suspense fallback={null}>
      <ChatScreen />
    </Suspense>
  );
}
