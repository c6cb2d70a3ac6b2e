/** Does something and prints its name, how long it took, and what it answers. */
export async function timed(name: string, act: () => Promise<string>): Promise<void> {
  const began = performance.now();
  console.log(`… ${name}`);
  const seen = await act();
  const seconds = ((performance.now() - began) / 1_000).toFixed(1).padStart(6);
  console.log(`${seconds} s  ${name}\n          ${seen.replaceAll("\n", "\n          ")}`);
}
