import { Dialog } from "../../../overlay/dialog.tsx";
import { FormPart } from "../../../parts/form-part.tsx";
import { ProofField, proofIn } from "./proof-field.tsx";
import type { AskedProof } from "./use-guard.ts";

/** Asks for a proof of identity before logins are changed, and repeats the question until the proof is right. */
export function ProofDialog({ asked: { prove, giveUp } }: { asked: AskedProof }) {
  return (
    <Dialog id="proof" title="Is it you?" close={giveUp}>
      <FormPart submit="Continue" submitId="proof-yes" cancel={giveUp} act={(values) => prove(proofIn(values))}>
        <ProofField id="proof-password" isFirst />
      </FormPart>
    </Dialog>
  );
}
