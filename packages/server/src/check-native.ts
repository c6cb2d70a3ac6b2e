import { nativeFault } from "@hubbub/runtime/native";

// Imported before everything else: the rest cannot be loaded when this fails.
const fault = nativeFault();
if (fault !== null) {
  process.stderr.write(`${fault}\n`);
  process.exit(1);
}
