import type { Completing, Offer } from "./use-completion.ts";

export const CANDIDATES_ID = "candidates";

export function candidateId(index: number): string {
  return `candidate-${index}`;
}

/** Names or emoji above the box. The focus stays in the box, which names the active one. */
export function Candidates({ offer, take }: { offer: Offer; take: Completing["take"] }) {
  return (
    <div id={CANDIDATES_ID} className="candidates" role="listbox" aria-label="Completions">
      {offer.candidates.map(({ key, sign, name }, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the box
        // biome-ignore lint/a11y/useFocusableInteractive: the box has the focus, and names the active option
        <div
          key={key}
          id={candidateId(index)}
          className={index === offer.active ? "candidate active" : "candidate"}
          role="option"
          aria-selected={index === offer.active}
          // The box keeps the focus.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => take(index)}
        >
          <span className="candidate-sign" aria-hidden="true">
            {sign}
          </span>
          <span dir="auto">{name}</span>
        </div>
      ))}
    </div>
  );
}
