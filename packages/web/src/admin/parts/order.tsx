import { useState } from "react";
import { explain } from "../../model/explain.ts";

interface Props {
  readonly name: string;
  /** What will happen, to be read before it does. */
  readonly question: string;
  readonly act: () => Promise<void>;
}

/** A button for something that many people notice: it asks once more. */
export function Order({ name, question, act }: Props) {
  const [state, setState] = useState<"idle" | "asking" | "ordered">("idle");
  const [error, setError] = useState("");
  const order = (): void => {
    setState("ordered");
    act()
      .then(
        () => setError(""),
        (fault: unknown) => setError(explain(fault)),
      )
      .finally(() => setState("idle"))
      .catch(reportError);
  };
  if (state === "asking") {
    return (
      <span className="order">
        <span>{question}</span>
        <button type="button" className="small danger" onClick={order} ref={focused}>
          {name}
        </button>
        <button type="button" className="small quiet" onClick={() => setState("idle")}>
          Cancel
        </button>
      </span>
    );
  }
  return (
    <span className="order">
      <button type="button" className="small" disabled={state === "ordered"} onClick={() => setState("asking")}>
        {name}
      </button>
      {error !== "" && (
        <span className="error" role="alert">
          {error}
        </span>
      )}
    </span>
  );
}

const focused = (button: HTMLButtonElement | null): void => button?.focus();
