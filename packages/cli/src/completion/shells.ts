export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export function shellNamed(name: string): Shell | undefined {
  return SHELLS.find((shell) => shell === name);
}
