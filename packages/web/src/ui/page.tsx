import { lazy, Suspense, useEffect } from "react";
import { EntryScreen } from "./entry/entry-screen.tsx";
import { useApp } from "./model.ts";

/** Loaded while somebody logs in: most of the script is for the chat. */
const loadChat = () => import("./chat-screen.tsx");
const ChatScreen = lazy(async () => ({ default: (await loadChat()).ChatScreen }));

/** The same as in index.html, which is painted before the script has come. */
function Boot() {
  return (
    <div className="boot">
      <img src="./icon.svg" alt="" width="40" height="40" /> Hubbub
    </div>
  );
}

export function Page() {
  const screen = useApp((state) => state.screen);
  useEffect(() => {
    loadChat().catch(reportError);
  }, []);
  if (screen === "starting") return <Boot />;
  if (screen === "entry") return <EntryScreen />;
  return (
    <Suspense fallback={<Boot />}>
      <ChatScreen />
    </Suspense>
  );
}
