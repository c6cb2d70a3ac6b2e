/** Each cycle in a graph of names, as one sentence. `arrows`: what each name imports. */
export function cyclesOf(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const faults: string[] = [];
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]) => {
    const start = trail.indexOf(name);
    if (start !== -1) faults.push(`a cycle: ${[...trail.slice(start), name].join(" → ")}`);
    if (start !== -1 || done.has(name)) return;
    for (const next of arrows.get(name) ?? []) visit(next, [...trail, name]);
    done.add(name);
  };
  for (const name of arrows.keys()) visit(name, []);
  return faults;
}
