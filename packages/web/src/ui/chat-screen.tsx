import { useEffect } from "react";
import { View } from "../view/view.ts";
import { useApp, useModel } from "./model.ts";

let view: View | undefined;

/** The chat in its earlier form. */
export function ChatScreen() {
  const { app } = useModel();
  const state = useApp((whole) => whole);
  useEffect(() => {
    view ??= new View(app);
    view.render(state);
  }, [app, state]);
  useEffect(() => () => view?.render({ screen: "starting" }), []);
  return null;
}
