import type { Open } from "../../model/state.ts";
import { useModel } from "../model.ts";

/** A room that the user is not in. */
export function JoinPane({ open: { stage, room } }: { open: Open }) {
  const { app } = useModel();
  return (
    <div className="join-pane">
      <p className="muted" role="status">
        {hintOf(stage)}
      </p>
      {stage === "asking" && room !== undefined && (
        <button type="button" id="join" className="primary" onClick={() => app.chat?.join(room)}>
          Join
        </button>
      )}
    </div>
  );
}

function hintOf(stage: Open["stage"]): string {
  if (stage === "looking") return "Loading…";
  if (stage === "joining") return "Joining…";
  return "You are not in this room yet. Its members see that you join.";
}
